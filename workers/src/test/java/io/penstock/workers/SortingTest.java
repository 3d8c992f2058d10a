package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Timing;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.registry.RegistryException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Deserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SortingTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Candidate KNOWN = new Candidate(Plant.PROVIDER, Plant.MODEL);
  private static final Candidate UNKNOWN = new Candidate("nobody", "m");

  @Test
  void aDispatchWithTimeAndAProviderIsCallable() {
    Dispatch dispatch = Plant.aDispatch(NOW.plusMillis(1), KNOWN);
    assertThat(sort(dispatch, 1))
        .isEqualTo(new Delivery.Callable(Assignment.of(dispatch, List.of(KNOWN))));
  }

  @Test
  void candidatesOfUnknownProvidersArePassedOver() {
    Dispatch dispatch = Plant.aDispatch(NOW.plusMillis(1), UNKNOWN, KNOWN);
    assertThat(sort(dispatch, 4))
        .isEqualTo(new Delivery.Callable(Assignment.of(dispatch, List.of(KNOWN))));
  }

  @Test
  void aPassedDeadlineDropsEvenWhatIsWorn() {
    assertThat(sort(Plant.aDispatch(NOW, KNOWN), 5))
        .isInstanceOfSatisfying(
            Delivery.Droppable.class,
            droppable ->
                assertThat(droppable.failure().getCode())
                    .isEqualTo(Reason.DEADLINE_EXCEEDED.code()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aPlanNobodyHereCanCallIsForAnotherWorker(int delivery) {
    assertThat(sort(Plant.aDispatch(NOW.plusMillis(1), UNKNOWN), delivery))
        .isEqualTo(new Delivery.Foreign());
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void aPlanNobodyCouldCallIsDroppedWhenNobodyMayCallItAnyMore(int delivery) {
    assertThat(sort(Plant.aDispatch(NOW.plusMillis(1), UNKNOWN), delivery))
        .isInstanceOfSatisfying(
            Delivery.Droppable.class,
            droppable ->
                assertThat(droppable.failure().getCode()).isEqualTo(Reason.MODEL_NOT_FOUND.code()));
  }

  @Test
  void theLastDeliveryIsNotRiskedAgain() {
    Dispatch dispatch = Plant.aDispatch(NOW.plusMillis(1), KNOWN);
    assertThat(sort(dispatch, 5))
        .isInstanceOfSatisfying(
            Delivery.Worn.class,
            worn -> {
              assertThat(worn.last().event().getDispatchId()).isEqualTo(dispatch.getId());
              assertThat(worn.last().failure().getCode()).isEqualTo(Reason.WORKERS_LOST.code());
            });
  }

  @Test
  void whatIsNoDispatchIsUnreadable() {
    var hollow = Plant.aDispatch(NOW.plusMillis(1));
    assertThat(sort(hollow, 1)).isInstanceOf(Delivery.Unreadable.class);
    assertThat(sort((topic, bytes) -> null, 1)).isInstanceOf(Delivery.Unreadable.class);
    assertThat(
            sort(
                (topic, bytes) -> {
                  throw new UndecodableException("rubbish", null);
                },
                5))
        .isEqualTo(new Delivery.Unreadable("rubbish"));
  }

  @Test
  void whatTheRegistryCannotExplainNowIsPostponed() {
    var silence = new RegistryException.Unavailable("no answer", null);
    assertThat(
            sort(
                (topic, bytes) -> {
                  throw silence;
                },
                1))
        .isEqualTo(new Delivery.Postponed(silence));
  }

  @ParameterizedTest
  @CsvSource({"1, false", "3, false", "4, true", "5, true"})
  void whatTheRegistryRefusesToExplainIsPutAsideBeforeItIsGone(int delivery, boolean aside) {
    var refusal = new RegistryException.Refused("401; check the schema registry's user");
    assertThat(
            sort(
                (topic, bytes) -> {
                  throw refusal;
                },
                delivery))
        .isEqualTo(
            aside
                ? new Delivery.Unreadable("401; check the schema registry's user")
                : new Delivery.Postponed(refusal));
  }

  private static Delivery sort(Dispatch dispatch, int deliveries) {
    return sort((topic, bytes) -> dispatch, deliveries);
  }

  private static Delivery sort(Deserializer<Dispatch> deserializer, int deliveries) {
    var record =
        new ConsumerRecord<>(
            "work",
            0,
            7L,
            0L,
            TimestampType.CREATE_TIME,
            0,
            0,
            new byte[0],
            new byte[0],
            new RecordHeaders(),
            Optional.empty(),
            Optional.of((short) deliveries));
    return new Delivery.Sorting(deserializer, Timing.DEFAULT, Plant.PROVIDER::equals, id -> false)
        .of(record, NOW);
  }
}
