package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Account;
import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.BatchEvent;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Cancellation;
import io.penstock.schemas.avro.Claim;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Job;
import io.penstock.schemas.avro.JobItem;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.ProviderState;
import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.avro.Slice;
import io.penstock.schemas.avro.Waiting;
import io.penstock.schemas.avro.WindowEvent;
import io.penstock.schemas.avro.Withdrawal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every release reads what earlier ones left in topics and stores. A changed schema becomes a new
 * version of the history by the command in {@link #RECORD}, provided that it can read all others.
 */
class SchemaHistoryTest {
  private static final String RECORD =
      "mvn -pl schemas test -Dtest=SchemaHistoryTest -Dschemas.record=true";
  private static final Path HISTORY = Path.of("src", "main", "avro-history");

  @TempDir Path folder;

  /** Whatever is written to a topic or a store as a record of its own. */
  static Stream<Schema> stored() {
    return Stream.of(
            InferenceRequest.getClassSchema(),
            Dispatch.getClassSchema(),
            AttemptEvent.getClassSchema(),
            InferenceResponse.getClassSchema(),
            CostEvent.getClassSchema(),
            Flights.getClassSchema(),
            Follower.getClassSchema(),
            CachedAnswer.getClassSchema(),
            Claim.getClassSchema(),
            ResponseChunk.getClassSchema(),
            Withdrawal.getClassSchema(),
            Cancellation.getClassSchema(),
            ProviderState.getClassSchema(),
            BudgetQuestion.getClassSchema(),
            BudgetGrant.getClassSchema(),
            BudgetState.getClassSchema(),
            Slice.getClassSchema(),
            Reservation.getClassSchema(),
            Account.getClassSchema(),
            BatchEvent.getClassSchema(),
            WindowEvent.getClassSchema(),
            Waiting.getClassSchema(),
            JobTask.getClassSchema(),
            Job.getClassSchema(),
            JobItem.getClassSchema())
        .map(WireSchemas::portable);
  }

  @ParameterizedTest
  @MethodSource("stored")
  void everyPublishedVersionCanStillBeRead(Schema current) throws IOException {
    assertThat(SchemaHistory.read(HISTORY, current.getName()).objections(current)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("stored")
  void theHistoryEndsWithTheCurrentSchema(Schema current) throws IOException {
    var history = SchemaHistory.read(HISTORY, current.getName());
    if (Boolean.getBoolean("schemas.record")
        && !history.endsWith(current)
        && history.objections(current).isEmpty()) {
      history.add(current);
    }
    assertThat(history.endsWith(current))
        .as("%s has changed; add %s by: %s", current.getName(), history.next(), RECORD)
        .isTrue();
  }

  @Test
  void everyRecordOnATopicHasAHistory() {
    var registry = new TestingRegistry();
    new Topics("", 1, registry).registerSchemas();
    assertThat(stored()).containsAll(registry.subjects().values());
  }

  @Test
  void aNewFieldWithoutDefaultIsNamedWithTheRemedy() throws IOException {
    var history = SchemaHistory.read(folder, "Order");
    history.add(order().endRecord());
    assertThat(history.objections(order().requiredInt("count").endRecord()))
        .singleElement()
        .asString()
        .contains("Order cannot read data of its version 1")
        .contains("field count")
        .contains("give the new field a default");
  }

  @Test
  void aChangeThatOnlyTheNewestVersionBearsIsRefusedForTheOldest() throws IOException {
    var history = SchemaHistory.read(folder, "Order");
    history.add(order().endRecord());
    history.add(order().requiredInt("count").endRecord());
    assertThat(history.objections(order().requiredInt("count").optionalInt("more").endRecord()))
        .singleElement()
        .asString()
        .contains("version 1");
  }

  @Test
  void anotherTypeDeepInsideIsNamedByItsWay() throws IOException {
    var history = SchemaHistory.read(folder, "Basket");
    history.add(basket(order().endRecord()));
    Schema changed =
        SchemaBuilder.record("Order").namespace("test").fields().requiredInt("id").endRecord();
    assertThat(history.objections(basket(changed)))
        .singleElement()
        .asString()
        .contains("field orders.id")
        .contains("keep the type");
  }

  @Test
  void whatIsAddedIsReadAgainAndEndsTheHistory() throws IOException {
    Schema order = order().endRecord();
    SchemaHistory.read(folder, "Order").add(order);
    var again = SchemaHistory.read(folder, "Order");
    assertThat(again.endsWith(order)).isTrue();
    assertThat(again.endsWith(order().optionalInt("count").endRecord())).isFalse();
    assertThat(again.next()).isEqualTo(folder.resolve("Order").resolve("2.avsc"));
  }

  private static SchemaBuilder.FieldAssembler<Schema> order() {
    return SchemaBuilder.record("Order").namespace("test").fields().requiredString("id");
  }

  private static Schema basket(Schema order) {
    return SchemaBuilder.record("Basket")
        .namespace("test")
        .fields()
        .name("orders")
        .type()
        .array()
        .items(order)
        .noDefault()
        .endRecord();
  }
}
