package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.calling.Timing;
import io.penstock.policies.calling.Walking;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.avro.Lane;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkerSettingsTest {
  @Test
  void aWorkerMayNotBeginWhatKafkaHasGivenToAnother() {
    var usual = Timing.DEFAULT;
    var tooPatient =
        new Timing(
            usual.lateGrace(), usual.longestCall(), TopicProvisioner.RECORD_LOCK, usual.leases());
    assertThatThrownBy(
            () -> new WorkerSettings("w", 4, Set.of(Lane.EXPRESS), Walking.DEFAULT, tooPatient))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("startPatience")
        .hasMessageContaining("PT15S");
  }
}
