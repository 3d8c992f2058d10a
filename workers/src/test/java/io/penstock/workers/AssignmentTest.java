package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.PromptCache;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  private static final Candidate FIRST = new Candidate("one", "m");
  private static final Candidate SECOND = new Candidate("two", "m");

  @Test
  void onlyTheFirstOfThePlanAsItWasRoutedIsToldOfItsPrefixCache() {
    var cache = new PromptCache("k", List.of(), false);
    Dispatch plain = Plant.aDispatch(Instant.EPOCH, FIRST, SECOND);
    var dispatch =
        new Dispatch(
            plain.getId(),
            plain.getFingerprint(),
            plain.getLane(),
            plain.getFirstAttempt(),
            plain.getPlan(),
            plain.getDeadlineAt(),
            plain.getRequests(),
            cache,
            false,
            null);

    assertThat(Assignment.of(dispatch, List.of(FIRST, SECOND)).promptCache(FIRST)).isEqualTo(cache);
    assertThat(Assignment.of(dispatch, List.of(FIRST, SECOND)).promptCache(SECOND)).isNull();
    // Where this worker cannot call the first, the next is not the one that was meant.
    assertThat(Assignment.of(dispatch, List.of(SECOND)).promptCache(SECOND)).isNull();
  }
}
