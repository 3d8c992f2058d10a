package io.penstock.embedded.registry;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;

/**
 * What the genuine Confluent client hears from a registry, line by line: the same questions to
 * different registries must bring the same answers. Ids are shown by the order of their coming.
 */
final class ConfluentConversation {
  /** What a Confluent registry that starts empty, with its usual rule BACKWARD, answers. */
  static final List<String> EXPECTED =
      List.of(
          "rule of all: BACKWARD",
          "latest of an unknown subject: refused 404/40401",
          "register: #1",
          "register elsewhere: #1",
          "may it grow: true",
          "may it break: false",
          "register the break: refused 409/409",
          "register the growth: #2",
          "versions: [1, 2]",
          "version of the growth: 2",
          "look up a stranger: refused 404/40403",
          "latest: " + Versions.grown(),
          "first by number: " + Versions.first(),
          "version that is not: refused 404/40402",
          "by id: " + Versions.first(),
          "by an unknown id: refused 404/40403",
          "subjects of the id: [archive, orders-value]",
          "subjects: [archive, orders-value]",
          "set a rule: NONE",
          "the rule: NONE",
          "now the break: #3");

  private static final String SUBJECT = "orders-value";

  private final CachedSchemaRegistryClient client;
  private final List<String> heard = new ArrayList<>();
  private final List<Integer> ids = new ArrayList<>();

  private interface Question {
    Object ask() throws IOException, RestClientException;
  }

  private ConfluentConversation(String url) {
    this.client = new CachedSchemaRegistryClient(url, 100);
  }

  static List<String> with(String url) {
    return new ConfluentConversation(url).talk();
  }

  private List<String> talk() {
    ask("rule of all", () -> client.getConfig(null).getCompatibilityLevel());
    ask("latest of an unknown subject", () -> client.getLatestSchemaMetadata(SUBJECT));
    ask("register", () -> id(client.register(SUBJECT, avro(Versions.first()))));
    ask("register elsewhere", () -> id(client.register("archive", avro(Versions.first()))));
    ask("may it grow", () -> client.testCompatibility(SUBJECT, avro(Versions.grown())));
    ask("may it break", () -> client.testCompatibility(SUBJECT, avro(Versions.broken())));
    ask("register the break", () -> id(client.register(SUBJECT, avro(Versions.broken()))));
    ask("register the growth", () -> id(client.register(SUBJECT, avro(Versions.grown()))));
    ask("versions", () -> client.getAllVersions(SUBJECT));
    ask("version of the growth", () -> client.getVersion(SUBJECT, avro(Versions.grown())));
    ask("look up a stranger", () -> client.getId(SUBJECT, avro(Versions.other())));
    ask("latest", () -> client.getLatestSchemaMetadata(SUBJECT).getSchema());
    ask("first by number", () -> client.getSchemaMetadata(SUBJECT, 1).getSchema());
    ask("version that is not", () -> client.getSchemaMetadata(SUBJECT, 9));
    client.reset(); // or it answers from its cache
    ask("by id", () -> client.getSchemaById(ids.getFirst()).canonicalString());
    ask("by an unknown id", () -> client.getSchemaById(999_999));
    ask(
        "subjects of the id",
        () -> client.getAllSubjectsById(ids.getFirst()).stream().sorted().toList());
    ask("subjects", () -> client.getAllSubjects().stream().sorted().toList());
    ask("set a rule", () -> client.updateCompatibility(SUBJECT, "NONE"));
    ask("the rule", () -> client.getCompatibility(SUBJECT));
    ask("now the break", () -> id(client.register(SUBJECT, avro(Versions.broken()))));
    return List.copyOf(heard);
  }

  private void ask(String what, Question question) {
    try {
      heard.add(what + ": " + question.ask());
    } catch (RestClientException e) {
      heard.add(what + ": refused " + e.getStatus() + "/" + e.getErrorCode());
    } catch (IOException e) {
      heard.add(what + ": broken " + e);
    }
  }

  private String id(int id) {
    if (!ids.contains(id)) {
      ids.add(id);
    }
    return "#" + (ids.indexOf(id) + 1);
  }

  private static AvroSchema avro(Schema schema) {
    return new AvroSchema(schema.toString());
  }
}
