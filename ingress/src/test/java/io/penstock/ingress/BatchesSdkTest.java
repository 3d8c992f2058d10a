package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.HttpResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.batches.BatchCreateParams.CompletionWindow;
import com.openai.models.batches.BatchCreateParams.Endpoint;
import com.openai.models.batches.BatchError;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import io.penstock.ingress.batches.BatchLimits;
import io.penstock.policies.budget.Budgets;
import io.penstock.schemas.avro.InferenceRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenAI's own SDK, unmodified, with files and batches. */
@ExtendWith(Penstock.Extension.class)
class BatchesSdkTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicInteger TOPICS = new AtomicInteger();
  private static final BatchLimits SMALL =
      new BatchLimits(64 * 1024, 40, 4, Duration.ofMillis(500));

  private static Penstock penstock;
  private static Http http;
  private static OpenAIClient acme;
  private static OpenAIClient other;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = instance();
    acme = client(http, "key-of-acme");
    other = client(http, "key-of-other");
  }

  @AfterAll
  static void stop() {
    acme.close();
    other.close();
  }

  /** Waits until an instance has read the log: until then it answers nobody. */
  private static void awaitRead(OpenAIClient client) {
    await()
        .ignoreExceptionsInstanceOf(InternalServerException.class)
        .until(() -> client.batches().list().data() != null);
  }

  private static Http instance() {
    String name = Penstock.newName();
    return penstock.ingress(
        new IngressSettings(
            name,
            IngressSettings.LOOPBACK,
            0,
            penstock.directory(name),
            IngressSettings.LONGEST_WAIT,
            IngressSettings.DELIVERY_TIMEOUT,
            ApiKeys.of(Map.of("key-of-acme", "acme", "key-of-other", "other")),
            Bounds.usual(),
            Disconnect.DRAIN,
            IngressSettings.PULSE,
            Budgets.NONE,
            SMALL),
        "x-api-key",
        "key-of-acme");
  }

  @Test
  void aFileBecomesABatchAndItsAnswersAFile() {
    String topic = topic();
    String lines =
        line("a", topic + " one")
            + "\r\n" // a blank line is none
            + line("b", topic + " two")
            + line("wrong", topic + " three").replace("small", "nobodys")
            + line("sorry", "fail:provider_error").strip(); // and no line end
    FileObject file = upload(acme, lines);
    assertThat(file.bytes()).isEqualTo(lines.getBytes(StandardCharsets.UTF_8).length);
    assertThat(file.filename()).isEqualTo("asked.jsonl");

    Batch begun = acme.batches().create(params(file.id()).build());
    assertThat(begun.status()).isEqualTo(Batch.Status.VALIDATING);
    Batch batch = ended(acme, begun.id());

    assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
    var counts = batch.requestCounts().orElseThrow();
    assertThat(List.of(counts.total(), counts.completed(), counts.failed()))
        .containsExactly(4L, 2L, 2L);
    assertThat(batch.usage().orElseThrow().totalTokens()).isEqualTo(42);
    JsonNode told =
        http.get("/v1/batches/" + batch.id(), "Authorization", "Bearer key-of-acme").json();
    assertThat(told.at("/metadata/team").asText()).isEqualTo("rain");
    Map<String, JsonNode> answers = lines(acme, batch.outputFileId().orElseThrow());
    assertThat(answers).containsOnlyKeys("a", "b");
    JsonNode response = of(answers, "a").get("response");
    assertThat(response.get("status_code").asInt()).isEqualTo(200);
    assertThat(response.at("/body/choices/0/message/content").asText())
        .isEqualTo("answer to " + topic + " one");
    Map<String, JsonNode> errors = lines(acme, batch.errorFileId().orElseThrow());
    assertThat(errors).containsOnlyKeys("wrong", "sorry");
    assertThat(of(errors, "wrong").at("/response/status_code").asInt()).isEqualTo(404);
    assertThat(of(errors, "wrong").at("/response/body/error/code").asText())
        .isEqualTo("model_not_found");
    assertThat(of(errors, "sorry").at("/response/status_code").asInt()).isEqualTo(502);
    JsonNode account = told.get("penstock");
    assertThat(account.get("spent_usd").asText()).isEqualTo("0.0000025");
    assertThat(account.at("/served_by/provider").asInt()).isEqualTo(2);
    InferenceRequest asked = penstock.topology.dispatched(topic + " one").getFirst();
    assertThat(asked.getMetadata()).containsEntry("batch_id", batch.id());
    assertThat(asked.getDeadlineAt()).isEqualTo(asked.getAcceptedAt().plus(Duration.ofHours(24)));
  }

  @Test
  void embeddingsAreBatchedAsWell() {
    String topic = topic();
    String line =
        "{\"custom_id\":\"e\",\"method\":\"POST\",\"url\":\"/v1/embeddings\","
            + "\"body\":{\"model\":\"small\",\"input\":\"%s\"}}".formatted(topic);
    Batch batch =
        ended(
            acme,
            acme.batches()
                .create(params(upload(acme, line).id()).endpoint(Endpoint.V1_EMBEDDINGS).build())
                .id());
    assertThat(of(lines(acme, batch.outputFileId().orElseThrow()), "e").at("/response/body/data"))
        .hasSize(1);
    assertThat(batch.errorFileId()).isEmpty();
  }

  @Test
  void anotherInstanceGoesOnWhereOneStoppedAndNoLineIsAskedTwice() {
    String topic = topic();
    String lines =
        IntStream.range(0, 30)
            .mapToObj(i -> line("l" + i, (i < 20 ? topic : "hold " + topic) + " #" + i))
            .collect(Collectors.joining());
    Http first = instance();
    OpenAIClient its = client(first, "key-of-acme");
    awaitRead(its);
    String id = its.batches().create(params(upload(its, lines).id()).build()).id();
    await().until(() -> completed(its, id) == 20);
    await().until(() -> penstock.topology.dispatchedLike("hold " + topic) == 10);
    its.close();
    // Whoever runs it stops: those of the test class, and the one it was handed to.
    first.close();
    http.close();
    List<InferenceRequest> held =
        IntStream.range(20, 30)
            .mapToObj(i -> penstock.topology.dispatched("hold " + topic + " #" + i).getFirst())
            .toList();
    held.subList(0, 5).forEach(request -> penstock.topology.release(request.getId()));

    http = instance();
    acme = client(http, "key-of-acme");
    other = client(http, "key-of-other");
    awaitRead(acme);
    await().until(() -> completed(acme, id) == 25);
    held.subList(5, 10).forEach(request -> penstock.topology.release(request.getId()));
    Batch batch = ended(acme, id);

    assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
    assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(30);
    assertThat(lines(acme, batch.outputFileId().orElseThrow())).hasSize(30);
    assertThat(batch.errorFileId()).isEmpty();
    assertThat(penstock.topology.dispatchedLike(topic)).isEqualTo(30);
  }

  @Test
  void whatIsCancelledIsWithdrawnAndInNeitherFile() {
    String topic = topic();
    String lines =
        line("done", topic) + line("late", "hold " + topic) + line("later", "hold too " + topic);
    String id = acme.batches().create(params(upload(acme, lines).id()).build()).id();
    await().until(() -> completed(acme, id) == 1);
    await().until(() -> penstock.topology.dispatchedLike("hold too " + topic) == 1);

    assertThat(acme.batches().cancel(id).status()).isEqualTo(Batch.Status.CANCELLING);
    Batch batch = ended(acme, id);

    assertThat(batch.status()).isEqualTo(Batch.Status.CANCELLED);
    assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(1);
    assertThat(batch.requestCounts().orElseThrow().failed()).isZero();
    assertThat(lines(acme, batch.outputFileId().orElseThrow())).containsOnlyKeys("done");
    assertThat(batch.errorFileId()).isEmpty();
    String held = penstock.topology.dispatched("hold " + topic).getFirst().getId();
    await().until(() -> penstock.topology.isWithdrawn(held));
    assertThatThrownBy(() -> acme.batches().cancel(id)).isInstanceOf(BadRequestException.class);
  }

  @Test
  void whatIsNotAnsweredInTimeExpires() {
    String topic = topic();
    String lines = line("in time", topic) + line("never", "hold " + topic);
    String id =
        acme.batches()
            .create(
                params(upload(acme, lines).id())
                    .completionWindow(CompletionWindow.of("3s"))
                    .build())
            .id();
    Batch batch = ended(acme, id);
    // A machine that pauses for long may miss the time of both.
    assertThat(batch.status()).isEqualTo(Batch.Status.EXPIRED);
    JsonNode never = of(lines(acme, batch.errorFileId().orElseThrow()), "never");
    assertThat(never.get("response").isNull()).isTrue();
    assertThat(never.at("/error/code").asText()).isEqualTo("batch_expired");
    var counts = batch.requestCounts().orElseThrow();
    assertThat(counts.completed() + counts.failed()).isEqualTo(2);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          invalid_json_line          |      | {"custom_id":
          invalid_json_line          |      | [1]
          missing_required_parameter | custom_id | {"method":"POST","url":"/v1/chat/completions","body":{}}
          missing_required_parameter | body | {"custom_id":"x","method":"POST","url":"/v1/chat/completions"}
          invalid_type               | body | {"custom_id":"x","method":"POST","url":"/v1/chat/completions","body":"y"}
          invalid_custom_id          | custom_id | {"custom_id":"","method":"POST","url":"/v1/chat/completions","body":{}}
          invalid_method             | method | {"custom_id":"x","method":"GET","url":"/v1/chat/completions","body":{}}
          invalid_url                | url  | {"custom_id":"x","method":"POST","url":"/v1/embeddings","body":{}}
          duplicate_custom_id        | custom_id | {"custom_id":"good","method":"POST","url":"/v1/chat/completions","body":{}}
          """)
  void aBadLineIsNamedAndNothingIsBegun(String code, String param, String bad) {
    String topic = topic();
    Batch batch =
        ended(
            acme,
            acme.batches()
                .create(params(upload(acme, line("good", topic) + bad + "\n").id()).build())
                .id());
    assertThat(batch.status()).isEqualTo(Batch.Status.FAILED);
    BatchError error = batch.errors().orElseThrow().data().orElseThrow().getFirst();
    assertThat(error.code()).hasValue(code);
    assertThat(error.line()).hasValue(2L);
    assertThat(error.param().orElse(null)).isEqualTo(param);
    assertThat(error.message().orElseThrow()).isNotBlank();
    assertThat(penstock.topology.dispatchedLike(topic)).isZero();
  }

  @Test
  void anEmptyFileAndTooManyLinesAreNoBatch() {
    assertThat(fault("\n \r\n")).isEqualTo("empty_file");
    String many =
        IntStream.range(0, 41).mapToObj(i -> line("l" + i, "x")).collect(Collectors.joining());
    assertThat(fault(many)).isEqualTo("too_many_lines");
  }

  private static String fault(String lines) {
    String id = acme.batches().create(params(upload(acme, lines).id()).build()).id();
    return ended(acme, id)
        .errors()
        .orElseThrow()
        .data()
        .orElseThrow()
        .getFirst()
        .code()
        .orElseThrow();
  }

  @Test
  void nobodySeesWhatIsAnotherTenants() {
    FileObject file = upload(acme, line("a", topic()));
    String id = acme.batches().create(params(file.id()).build()).id();
    String output = ended(acme, id).outputFileId().orElseThrow();

    for (String hidden : List.of(file.id(), output)) {
      assertThatThrownBy(() -> other.files().retrieve(hidden))
          .isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> other.files().content(hidden)).isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> other.files().delete(hidden)).isInstanceOf(NotFoundException.class);
    }
    assertThatThrownBy(() -> other.batches().create(params(file.id()).build()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> other.batches().retrieve(id)).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> other.batches().cancel(id)).isInstanceOf(NotFoundException.class);
    assertThat(other.files().list().data()).isEmpty();
    assertThat(other.batches().list().data()).isEmpty();
    assertThat(acme.batches().list().data()).extracting(Batch::id).contains(id);
    assertThat(acme.files().list().data()).extracting(FileObject::id).contains(file.id(), output);
    assertThat(http.get("/v1/files").status()).isEqualTo(401);
    assertThat(http.get("/v1/batches").status()).isEqualTo(401);
  }

  @Test
  void aFileComesBackAsItWentInAndGoesWhenItIsDeleted() throws IOException {
    byte[] bytes = new byte[60_000];
    new Random(7).nextBytes(bytes);
    FileObject file =
        acme.files()
            .create(
                FileCreateParams.builder()
                    .purpose(FilePurpose.BATCH)
                    .file(new ByteArrayInputStream(bytes))
                    .build());
    try (HttpResponse content = acme.files().content(file.id())) {
      assertThat(content.body().readAllBytes()).isEqualTo(bytes);
    }
    assertThat(acme.files().retrieve(file.id()).bytes()).isEqualTo(bytes.length);
    assertThat(acme.files().delete(file.id()).deleted()).isTrue();
    assertThatThrownBy(() -> acme.files().retrieve(file.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void aFileThatIsTooLargeOrForAnotherPurposeIsRefused() {
    for (int size : new int[] {64 * 1024 + 1, 1024 * 1024}) {
      assertThatThrownBy(() -> upload(acme, "x".repeat(size)))
          .isInstanceOfSatisfying(
              OpenAIServiceException.class, e -> assertThat(e.statusCode()).isEqualTo(413))
          .hasMessageContaining("65536");
    }
    assertThatThrownBy(() ->
            acme.files()
                .create(
                    FileCreateParams.builder()
                        .purpose(FilePurpose.FINE_TUNE)
                        .file("{}".getBytes(StandardCharsets.UTF_8))
                        .build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("purpose");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          input_file_id     | {"endpoint":"/v1/chat/completions","completion_window":"24h"}
          endpoint          | {"input_file_id":"x","completion_window":"24h"}
          endpoint          | {"input_file_id":"x","endpoint":"/v1/messages","completion_window":"24h"}
          completion_window | {"input_file_id":"x","endpoint":"/v1/embeddings"}
          completion_window | {"input_file_id":"x","endpoint":"/v1/embeddings","completion_window":"25h"}
          completion_window | {"input_file_id":"x","endpoint":"/v1/embeddings","completion_window":"0s"}
          metadata          | {"input_file_id":"x","endpoint":"/v1/embeddings","completion_window":"24h","metadata":{"a":1}}
          """)
  void aBatchThatCannotBeIsRefusedWithTheFieldAtFault(String field, String body) {
    var got = http.post("/v1/batches", body, "Authorization", "Bearer key-of-acme");
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.json().at("/error/param").asText()).isEqualTo(field);
  }

  @Test
  void listsComeInPages() {
    String lines = line("a", topic());
    List<String> ids =
        IntStream.range(0, 3).mapToObj(i -> upload(acme, lines).id()).toList().reversed();
    String[] key = {"Authorization", "Bearer key-of-acme"};
    JsonNode first = http.get("/v1/files?limit=2", key).json();
    assertThat(first.findValuesAsText("id")).containsExactlyElementsOf(ids.subList(0, 2));
    assertThat(first.get("has_more").asBoolean()).isTrue();
    JsonNode next = http.get("/v1/files?limit=1&after=" + ids.get(1), key).json();
    assertThat(next.findValuesAsText("id")).containsExactly(ids.get(2));
    assertThat(http.get("/v1/batches?limit=0", key).status()).isEqualTo(400);
  }

  private static String topic() {
    return "batched " + TOPICS.incrementAndGet() + ".";
  }

  private static String line(String customId, String prompt) {
    return """
    {"custom_id":"%s","method":"POST","url":"/v1/chat/completions",\
    "body":{"model":"small","messages":[{"role":"user","content":"%s"}]}}
    """
        .formatted(customId, prompt);
  }

  private static FileObject upload(OpenAIClient client, String lines) {
    return client
        .files()
        .create(
            FileCreateParams.builder()
                .purpose(FilePurpose.BATCH)
                .file(
                    com.openai.core.MultipartField.<java.io.InputStream>builder()
                        .value(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)))
                        .filename("asked.jsonl")
                        .build())
                .build());
  }

  private static BatchCreateParams.Builder params(String file) {
    return BatchCreateParams.builder()
        .inputFileId(file)
        .endpoint(Endpoint.V1_CHAT_COMPLETIONS)
        .completionWindow(CompletionWindow._24H)
        .metadata(
            BatchCreateParams.Metadata.builder()
                .putAdditionalProperty("team", com.openai.core.JsonValue.from("rain"))
                .build());
  }

  private static long completed(OpenAIClient client, String id) {
    return client.batches().retrieve(id).requestCounts().orElseThrow().completed();
  }

  private static Batch ended(OpenAIClient client, String id) {
    return await()
        .until(
            () -> client.batches().retrieve(id),
            batch ->
                batch.completedAt().isPresent()
                    || batch.failedAt().isPresent()
                    || batch.expiredAt().isPresent()
                    || batch.cancelledAt().isPresent());
  }

  /** The lines of a file by their custom ids; a custom id that comes twice is an error. */
  private static Map<String, JsonNode> lines(OpenAIClient client, String file) {
    var byId = new TreeMap<String, JsonNode>();
    try (HttpResponse content = client.files().content(file)) {
      String text = new String(content.body().readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        JsonNode read = JSON.readTree(line);
        assertThat(byId.put(read.get("custom_id").asText(), read)).isNull();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return byId;
  }

  private static JsonNode of(Map<String, JsonNode> lines, String customId) {
    assertThat(lines).containsKey(customId);
    return lines.getOrDefault(customId, MissingNode.getInstance());
  }

  private static OpenAIClient client(Http http, String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl("http://127.0.0.1:" + http.port() + "/v1")
        .apiKey(key)
        .maxRetries(0)
        .build();
  }
}
