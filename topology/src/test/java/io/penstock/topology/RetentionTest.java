package io.penstock.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.policies.admit.Admission;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Lane;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What topics keep and what deadlines promise are said in different modules. */
final class RetentionTest {
  private final Topics topics = new Topics("penstock.", 1, new MemoryRegistry());

  @ParameterizedTest
  @EnumSource(Lane.class)
  void noRequestIsDeletedBeforeItsDeadlineMayHavePassed(Lane lane) {
    assertThat(topics.requests(lane).retention())
        .isGreaterThanOrEqualTo(Admission.LONGEST_DEADLINE)
        .isGreaterThanOrEqualTo(Topics.REMEMBERED);
    assertThat(topics.rekeyed().retention()).isGreaterThanOrEqualTo(Admission.LONGEST_DEADLINE);
  }

  @ParameterizedTest
  @EnumSource(Lane.class)
  void aDispatchIsKeptForTwiceTheLongestDeadline(Lane lane) {
    assertThat(topics.work(lane).retention())
        .isGreaterThanOrEqualTo(Admission.LONGEST_DEADLINE.multipliedBy(2));
  }

  @Test
  void aResultIsKeptAsLongAsItsDispatchMayRun() {
    assertThat(topics.results().retention())
        .isGreaterThanOrEqualTo(topics.work(Lane.BATCH).retention());
  }
}
