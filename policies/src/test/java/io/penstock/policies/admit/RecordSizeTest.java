package io.penstock.policies.admit;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.AnswerSize;
import io.penstock.policies.coalesce.Rules;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Breakpoint;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.schemas.avro.TextPart;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;
import org.junit.jupiter.api.Test;

/**
 * Whatever is admitted fits the records it travels and waits in: one that did not would stop its
 * partition for good.
 */
class RecordSizeTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  /** For a record's key, headers and framing. */
  private static final int ENVELOPE = 64 * 1024;

  private static final Admission ADMISSION =
      new Admission(
          Admission.DEFAULT_DEADLINES,
          new ModelDirectory(Map.of("m", "p"), "m"),
          Integer.MAX_VALUE);

  // Avro writes specific records only of classes it is told to trust, in the process as a whole.
  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(),
            type -> type.getName().startsWith("io.penstock.schemas.avro.")));
  }

  @Test
  void theLargestPromptOfTheMostTurnsFitsTheInFlightStore() throws IOException {
    var request = largest(Admission.MOST_TURNS);
    assertThat(ADMISSION.judge(request, Lane.BATCH, NOON, NOON))
        .isInstanceOf(Admission.Verdict.Admitted.class);

    assertThat(encoded(inFlight(request)))
        .isLessThanOrEqualTo(Limits.LARGEST_RECORD_BYTES - ENVELOPE);
  }

  @Test
  void theLargestPromptOfTheMostPartsFitsTheInFlightStore() throws IOException {
    int each = Limits.LARGEST_TEXT_BYTES / Turns.MOST_PARTS;
    var parts =
        Collections.<Object>nCopies(Turns.MOST_PARTS, new TextPart("x".repeat(each), "default"));
    var request =
        InferenceRequest.newBuilder(largest(Admission.MOST_TURNS))
            .setMessages(List.of(new Message("user", "", null, parts)))
            .build();
    assertThat(ADMISSION.judge(request, Lane.BATCH, NOON, NOON))
        .isInstanceOf(Admission.Verdict.Admitted.class);

    assertThat(encoded(inFlight(request)))
        .isLessThanOrEqualTo(Limits.LARGEST_RECORD_BYTES - ENVELOPE);
  }

  @Test
  void theLargestAnswerThatIsKeptFitsTheCache() throws IOException {
    int half = (int) (AnswerSize.LARGEST / 2) - 200;
    var whole = "x".repeat(half);
    var answer =
        new Answer(
            whole,
            "stop",
            List.of(new TextPart(whole, null)),
            null,
            null,
            null,
            List.of(),
            List.of(),
            null);
    assertThat(AnswerSize.fits(answer)).isTrue();
    assertThat(Freshness.DEFAULT.storable(aRequest().build(), answer)).isTrue();

    assertThat(encoded(new CachedAnswer(answer, "provider", "model", null, NOON, null)))
        .isLessThanOrEqualTo(Limits.LARGEST_RECORD_BYTES - ENVELOPE);

    var larger = Answer.newBuilder(answer).setText(whole + "x".repeat(400)).build();
    assertThat(AnswerSize.fits(larger)).isFalse();
    assertThat(Freshness.DEFAULT.storable(aRequest().build(), larger)).isFalse();
  }

  @Test
  void moreTurnsAreRefusedHoweverShort() {
    var tooMany = aRequest();
    for (int i = 0; i < Admission.MOST_TURNS; i++) {
      tooMany.then("user", "");
    }

    var verdict = ADMISSION.judge(tooMany.build(), Lane.BATCH, NOON, NOON);

    assertThat(verdict).isInstanceOf(Admission.Verdict.Refused.class);
    var failure = ((Admission.Verdict.Refused) verdict).failure();
    assertThat(failure.getCode()).isEqualTo("invalid_value");
    assertThat(failure.getField()).isEqualTo("messages");
  }

  private static InferenceRequest largest(int turns) {
    var request =
        aRequest()
            .withId("\u20ac".repeat(256))
            .forTenant("\u20ac".repeat(256))
            .underKey("\u20ac".repeat(256))
            .withoutTurns()
            .acceptedAt(NOON)
            .dueBy(NOON.plusSeconds(60));
    int each = Limits.LARGEST_TEXT_BYTES / turns;
    for (int i = 1; i < turns; i++) {
      request.then("developer", "x".repeat(each));
    }
    request.then("developer", "x".repeat(Limits.LARGEST_TEXT_BYTES - each * (turns - 1)));
    for (int i = 0; i < Limits.LARGEST_METADATA_BYTES / 3; i++) {
      request.tagged("%03x".formatted(i).substring(0, 3), "");
    }
    return request.build();
  }

  /** With as many attempts under way as there can be. */
  private static Flights inFlight(InferenceRequest request) {
    var law = new SingleFlight(Rules.DEFAULT);
    var plan = List.of(new Candidate("p", "m"));
    var mark = new Breakpoint(Integer.MAX_VALUE, "default");
    var cache = new PromptCache("k".repeat(64), List.of(mark, mark, mark, mark), false);
    Flights flights = law.lead(SingleFlight.none(), request, Lane.BATCH, plan, cache, NOON).next();
    String dispatchId = "d-" + request.getId();
    for (int number = 1; number <= Rules.DEFAULT.maxAttempts(); number++) {
      var attempt =
          anAttempt("attempt-of-a-worker-with-a-long-name-" + number)
              .at(dispatchId)
              .numbered(number);
      var started = attempt.tagged(request.getMetadata()).started(Duration.ofMinutes(1));
      flights = law.started(flights, started, NOON).next();
    }
    return flights;
  }

  private static <T extends SpecificRecord> long encoded(T record) throws IOException {
    var counted = new Counted();
    var encoder = EncoderFactory.get().binaryEncoder(counted, null);
    new SpecificDatumWriter<T>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return counted.bytes;
  }

  private static final class Counted extends OutputStream {
    long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] b, int offset, int length) {
      bytes += length;
    }
  }
}
