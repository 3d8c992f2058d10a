package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.client.Submission;
import io.penstock.policies.Reason;
import io.penstock.policies.stream.Piece;
import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.avro.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NarratorTest {
  private final Feed feed = new Feed();
  private final Listener listener = new Listener();

  @Test
  void whatTheChunksDidNotBringComesWithTheResponse() throws Exception {
    feed.heard(chunk(0, "one "));
    feed.heard(chunk(1, "two "));
    feed.ended(answered("one two three"));
    tell();
    assertThat(listener.text).hasToString("one two three");
    assertThat(listener.events).containsExactly("more", "more", "more", "end");
  }

  @Test
  void aReaderThatDoesNotKeepUpGetsTheRestAtTheEndAndNoMoreWaitsForIt() throws Exception {
    var whole = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      String piece = i + " ".repeat(1_000);
      feed.heard(chunk(i, piece));
      whole.append(piece);
    }
    feed.ended(answered(whole.toString()));
    tell();
    assertThat(listener.text).hasToString(whole.toString());
    assertThat(listener.fromChunks).isBetween(100, Feed.MOST_WAITING / 1_000);
  }

  @Test
  void whatIsTakenMakesRoomForMore() throws Exception {
    String piece = "x".repeat(Feed.MOST_WAITING / 2);
    for (int i = 0; i < 10; i++) {
      feed.heard(chunk(i, piece));
      assertThat(feed.next(Duration.ofSeconds(1))).isInstanceOf(Feed.Event.Chunk.class);
    }
  }

  @Test
  void anotherAnswerThanTheOneThatHadBegunIsAnError() throws Exception {
    feed.heard(chunk(0, "one "));
    feed.ended(answered("two"));
    tell();
    assertThat(listener.events).containsExactly("more", "answer_truncated");
  }

  @Test
  void aFailureIsTold() throws Exception {
    feed.ended(new Waits.End.NotAccepted(Reason.UNAVAILABLE.because("not stored")));
    tell();
    assertThat(listener.events).containsExactly("unavailable");
  }

  @Test
  void whetherTheWaitIsOverOrWeAreMakesADifference() throws Exception {
    feed.ended(new Waits.End.Later());
    tell(System.nanoTime() - 1);
    feed.ended(new Waits.End.Later());
    tell(System.nanoTime() + Duration.ofMinutes(1).toNanos());
    assertThat(listener.events).containsExactly("deadline_exceeded", "unavailable");
  }

  private void tell() throws IOException, InterruptedException {
    tell(System.nanoTime() + Duration.ofMinutes(1).toNanos());
  }

  private void tell(long until) throws IOException, InterruptedException {
    var submission =
        new Submission("r1", CompletableFuture.completedFuture(null), new CompletableFuture<>());
    var sent = new Sending.Sent("r1", Instant.EPOCH, submission, null, until, () -> {});
    var _ = new Narrator(sent, feed, listener, Duration.ofSeconds(10)).tell();
  }

  private static ResponseChunk chunk(int sequence, String text) {
    var delta = new Delta(DeltaKind.TEXT, 0, 0, text, null, null);
    return new ResponseChunk("r1", "acme", "a", sequence, "simulator", "small", List.of(delta));
  }

  private static Waits.End answered(String text) {
    return new Waits.End.Response(
        InferenceResponse.newBuilder()
            .setId("r1")
            .setTenant("acme")
            .setLane(Lane.STANDARD)
            .setStatus(Status.ANSWERED)
            .setAnswer(Answers.text(text, "stop"))
            .setAcceptedAt(Instant.EPOCH)
            .setCompletedAt(Instant.EPOCH)
            .build());
  }

  private static final class Listener implements Audience {
    private final List<String> events = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private int fromChunks;

    @Override
    public void more(Source source, List<Piece> pieces) {
      events.add("more");
      fromChunks += source.response() == null ? 1 : 0;
      for (Piece piece : pieces) {
        text.append(((Piece.More) piece).delta().getText());
      }
    }

    @Override
    public void end(InferenceResponse response) {
      events.add("end");
    }

    @Override
    public void failed(Failure failure) {
      events.add(failure.getCode());
    }

    @Override
    public void nothing() {
      events.add("nothing");
    }
  }
}
