package io.penstock.infra.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.budget.Budget;
import io.penstock.policies.budget.Budgets;
import io.penstock.policies.budget.Period;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.Money;
import io.penstock.schemas.Secret;
import io.penstock.schemas.avro.Lane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigurationTest {
  @TempDir Path dir;

  @Test
  void everySettingHasADefaultThatIsAcceptedOrMayBeAbsent() {
    Configuration defaults = Configuration.load(null, Map.of(), Map.of());
    assertThat(defaults.http()).isEqualTo(new Configuration.Http("127.0.0.1", 8080));
    assertThat(defaults.models().real()).isFalse();
    assertThat(defaults.topology().deadlines()).containsEntry(Lane.EXPRESS, Duration.ofSeconds(30));
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentAndThatOverTheFile() throws IOException {
    Path file = file("http:\n  port: 1001\n  host: 0.0.0.0\nkafka:\n  port: 1001\n");
    Configuration read =
        Configuration.load(
            file,
            Map.of("PENSTOCK_HTTP_PORT", "1002", "PENSTOCK_KAFKA_PORT", "1002"),
            Map.of(Setting.HTTP_PORT, "1003"));
    assertThat(read.http()).isEqualTo(new Configuration.Http("0.0.0.0", 1003));
    assertThat(read.kafka().embeddedPort()).isEqualTo(1002);
  }

  @Test
  void allProblemsAreToldAtOnceWithPlaceValueAndRemedy() throws IOException {
    Path file = file("http:\n  prot: 80\ntopology:\n  threads: none\n");
    assertThatThrownBy(() ->
            Configuration.load(
                file,
                Map.of("PENSTOCK_KAFKA_PORT", "99999", "PENSTOCK_HTPP_PORT", "1"),
                Map.of(Setting.CACHE_TTL, "soon")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("http.prot in " + file + " is \"80\": no such setting")
        .hasMessageContaining("PENSTOCK_HTPP_PORT is \"set\": no such setting")
        .hasMessageContaining("PENSTOCK_KAFKA_PORT is \"99999\": give a whole number from 0 to")
        .hasMessageContaining("topology.threads in " + file + " is \"none\"")
        .hasMessageContaining("--cache-ttl is \"soon\": give a duration such as");
  }

  @Test
  void aWorkersLimitsAreReadAndContradictionsTold() {
    LimitRules read =
        Configuration.load(
                null,
                Map.of("PENSTOCK_WORKER_MOST_CALLS", "40"),
                Map.of(Setting.WORKER_STANDARD_FIRST_TOKEN, "3s"))
            .worker()
            .limits();
    assertThat(read)
        .isEqualTo(LimitRules.DEFAULT.between(1, 40).aiming(Lane.STANDARD, Duration.ofSeconds(3)));
    assertThatThrownBy(
            () -> Configuration.load(null, Map.of(), Map.of(Setting.WORKER_LEAST_CALLS, "2000")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(
            "--most-calls is \"1024\": give no less than --least-calls, which is");
  }

  @Test
  void budgetsAreReadToThePicoDollar() throws IOException {
    Path file =
        file(
            """
            budgets:
              - tenant: acme
                limit-usd: 100
                period: month
              - tenant: acme
                key: acme-1a2b3c4d
                limit-usd: 0.100000000001
                period: day
                unknown-prices: allow
              - tenant: default
                limit-usd: "12.5"
                period: total
                kind: soft
            topology:
              assumed-output: 500
            """);
    Budgets budgets = Configuration.load(file, Map.of(), Map.of()).budgets();
    assertThat(budgets.all())
        .containsExactlyInAnyOrder(
            Budget.hard("acme", Period.MONTH, Money.parse("100")),
            new Budget(
                "acme", "acme-1a2b3c4d", Period.DAY, new Money(100_000_000_001L), true, true),
            Budget.soft("default", Period.TOTAL, Money.parse("12.5")));
    assertThat(budgets.assumedOutput()).isEqualTo(500);
    assertThat(Configuration.load(null, Map.of(), Map.of()).budgets().isEmpty()).isTrue();
  }

  @Test
  void allMistakesInBudgetsAreToldAtOnce() throws IOException {
    Path file =
        file(
            """
            budgets:
              - tenant: acme
                limit-usd: 100
                period: month
                limit: 5
              - tenant: "*"
                limit-usd: lots
                period: week
                kind: firm
                unknown-prices: maybe
              - limit-usd: -1
                period: day
                key:
              - tenant: acme
                limit-usd: 0.0000000000001
                period: month
              - tenant: acme
                limit-usd: 7
                period: month
              - acme
              - tenant: acme
                limit-usd: 7
                period: day
                kind: soft
                unknown-prices: refuse
            """);
    assertThatThrownBy(() -> Configuration.load(file, Map.of(), Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("budgets[1].limit is \"5\": no such field: a budget has tenant, key")
        .hasMessageContaining("budgets[2].tenant is \"*\": an operator spends as the tenant")
        .hasMessageContaining("budgets[2].limit-usd is \"lots\": give dollars such as 25")
        .hasMessageContaining("budgets[2].period is \"week\": give total, day or month")
        .hasMessageContaining("budgets[2].kind is \"firm\": give hard or soft")
        .hasMessageContaining("budgets[2].unknown-prices is \"maybe\": give allow or refuse")
        .hasMessageContaining("budgets[3].tenant is \"\": name the tenant")
        .hasMessageContaining("budgets[3].key is \"\": name the API key")
        .hasMessageContaining("budgets[3].limit-usd is \"-1\"")
        .hasMessageContaining("budgets[4].limit-usd is \"1E-13\"")
        .hasMessageContaining("budgets[5] is \"acme\": has the same period and kind as budgets[1]")
        .hasMessageContaining("budgets[6] is \"acme\": write its fields")
        .hasMessageContaining(
            "budgets[7].unknown-prices is \"refuse\": a soft budget refuses nobody");
    assertThatThrownBy(
            () -> Configuration.load(file("budgets:\n  tenant: acme\n"), Map.of(), Map.of()))
        .hasMessageContaining("budgets is \"no list\": write a list of rows");
  }

  @Test
  void secretsComeFromTheEnvironmentOrANamedFileAndAreNeverPrinted() throws IOException {
    Path key = Files.writeString(dir.resolve("key"), "sk-from-file\n");
    Configuration read =
        Configuration.load(
            null,
            Map.of(
                "OPENAI_API_KEY_FILE",
                key.toString(),
                "ANTHROPIC_API_KEY",
                "sk-from-env",
                "PENSTOCK_API_KEYS",
                "k1=a,k2=b"),
            Map.of());
    assertThat(read.models().openai().orElseThrow().key().orElseThrow().value())
        .isEqualTo("sk-from-file");
    assertThat(read.apiKeys()).hasSize(2).containsValue("a");
    assertThat(read.toString()).doesNotContain("sk-from").doesNotContain("k1");
  }

  @Test
  void noSecretCanBeGivenInAFileUnderVersionControlOrAFlag() {
    assertThat(Arrays.stream(Setting.values()).filter(Setting::secret))
        .isNotEmpty()
        .allSatisfy(setting -> assertThat(setting.flag()).isEmpty());
  }

  @Test
  void aWrongSecretIsNotQuoted() {
    assertThatThrownBy(
            () -> Configuration.load(null, Map.of("PENSTOCK_API_KEYS", "sk-lonely"), Map.of()))
        .hasMessageContaining("write key=tenant")
        .hasMessageNotContaining("sk-lonely");
  }

  @Test
  void passwordsInKafkaPropertiesAndRegistryUrlsAreNotPrinted() throws IOException {
    Path properties =
        Files.writeString(dir.resolve("kafka.properties"), "sasl.jaas.config=password=sesame\n");
    Configuration read =
        Configuration.load(
            null,
            Map.of("SCHEMA_REGISTRY_URL", "https://me:sesame@registry:8443/apis"),
            Map.of(Setting.KAFKA_PROPERTIES, properties.toString()));
    assertThat(read.kafka().properties()).containsValue("password=sesame");
    assertThat(read.registry().urls()).singleElement().asString().contains("sesame");
    assertThat(read.toString()).contains("registry:8443").doesNotContain("sesame");
  }

  @Test
  void aWrongRegistryUrlWithAPasswordIsNotQuoted() {
    assertThatThrownBy(() ->
            Configuration.load(
                null, Map.of("SCHEMA_REGISTRY_URL", "ftp://me:sesame@registry"), Map.of()))
        .hasMessageContaining("SCHEMA_REGISTRY_URL is \"(hidden)\": give an http or https URL")
        .hasMessageNotContaining("sesame");
  }

  @Test
  void aSecretThatSomebodyPutIntoTheFileIsNotQuoted() throws IOException {
    Path file = file("openai:\n  api-key: sk-sesame\n");
    assertThatThrownBy(() -> Configuration.load(file, Map.of(), Map.of()))
        .hasMessageContaining("openai.api-key in " + file + " is \"(hidden)\": no such setting")
        .hasMessageNotContaining("sesame");
  }

  @ParameterizedTest
  @ValueSource(strings = {"k=a, =b", "k=a,k2=", "k=a,k=b", "k= ", ",", "=a"})
  void blankAndRepeatedKeysAreRefusedUnquoted(String keys) {
    assertThatThrownBy(() -> Configuration.load(null, Map.of("PENSTOCK_API_KEYS", keys), Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("PENSTOCK_API_KEYS is \"(hidden)\"");
  }

  @Test
  void commasAndBlanksAroundKeysDoNotMatter() {
    Configuration read =
        Configuration.load(null, Map.of("PENSTOCK_API_KEYS", " k=x=a , k2 = b,"), Map.of());
    assertThat(read.apiKeys()).isEqualTo(Map.of(new Secret("k=x"), "a", new Secret("k2"), "b"));
  }

  @Test
  void anEmptySecretFileIsNoOpenDoor() throws IOException {
    Path empty = Files.createFile(dir.resolve("keys"));
    assertThatThrownBy(() ->
            Configuration.load(null, Map.of("PENSTOCK_API_KEYS_FILE", empty.toString()), Map.of()))
        .hasMessageContaining("PENSTOCK_API_KEYS_FILE is \"" + empty + "\": the file is empty");
  }

  @Test
  void ourNamesThatAreNoSettingsAreNoMistake() {
    var environment = new HashMap<String, String>();
    for (OtherName name : OtherName.values()) {
      environment.put(name.text(), "something");
    }
    assertThat(Configuration.load(null, environment, Map.of()))
        .hasToString(Configuration.load(null, Map.of(), Map.of()).toString());
  }

  @Test
  void whatKubernetesTellsOfServicesIsNoSetting() {
    Configuration read =
        Configuration.load(
            null,
            Map.of(
                "PENSTOCK_SERVICE_HOST", "10.0.0.1",
                "PENSTOCK_PORT", "tcp://10.0.0.1:80",
                "PENSTOCK_INGRESS_SERVICE_HOST", "10.0.0.2",
                "PENSTOCK_INGRESS_SERVICE_PORT_HTTP", "8080",
                "PENSTOCK_INGRESS_PORT_8080_TCP_ADDR", "10.0.0.2",
                "PENSTOCK_INGRESS_PORT_8080_TCP", "tcp://10.0.0.2:8080",
                "PENSTOCK_HTTP_PORT", "tcp://10.0.0.3:8080"),
            Map.of());
    assertThat(read.http().port()).isEqualTo(8080);
  }

  @Test
  void aKeyWithoutAValueInTheFileLeavesTheDefault() throws IOException {
    Configuration read =
        Configuration.load(
            file("kafka:\nhttp:\n  host:\nmodels:\n  default: ~\n"), Map.of(), Map.of());
    assertThat(read.http().host()).isEqualTo("127.0.0.1");
    assertThat(read.models().defaultModel()).isEmpty();
    Path wrong = file("htpp:\n");
    assertThatThrownBy(() -> Configuration.load(wrong, Map.of(), Map.of()))
        .hasMessageContaining("htpp in " + wrong);
  }

  @Test
  void marksOfPromptsAreSwitchedOffInTheFileWithOrWithoutQuotes() throws IOException {
    assertThat(Configuration.load(null, Map.of(), Map.of()).topology().marksPrompts()).isTrue();
    for (String off : List.of("off", "'off'")) {
      Path file = file("cache:\n  prompts: " + off + "\n");
      assertThat(Configuration.load(file, Map.of(), Map.of()).topology().marksPrompts()).isFalse();
    }
    Map<String, String> wrong = Map.of("PENSTOCK_PROMPT_CACHE", "sometimes");
    assertThatThrownBy(() -> Configuration.load(null, wrong, Map.of()))
        .hasMessageContaining("give auto or off");
  }

  @Test
  void aWildcardAddressIsReachedOverLoopbackAndAnyOtherAsItIs() {
    assertThat(new Configuration.Http("0.0.0.0", 0).reached(81)).hasToString("http://127.0.0.1:81");
    assertThat(new Configuration.Http("::", 0).reached(81)).hasToString("http://127.0.0.1:81");
    assertThat(new Configuration.Http("10.1.2.3", 0).reached(81)).hasToString("http://10.1.2.3:81");
    assertThat(new Configuration.Http("::1", 0).reached(81)).hasToString("http://[::1]:81");
  }

  @Test
  void aUsualPortMayGiveWayAndOneThatWasAskedForMayNot() {
    Configuration usual = Configuration.fixed(Map.of());
    assertThat(usual.registry().embeddedPort()).isEqualTo(new Configuration.Port(8081, false));
    assertThat(usual.metrics().port()).isEqualTo(new Configuration.Port(9464, false));
    Configuration asked = Configuration.fixed(Map.of(Setting.METRICS_PORT, "9464"));
    assertThat(asked.metrics().port()).isEqualTo(new Configuration.Port(9464, true));
  }

  @Test
  void theUsualNamesOfOthersWork() {
    Configuration read =
        Configuration.load(
            null,
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS", "k:1",
                "SCHEMA_REGISTRY_URL", "http://r:1,http://r:2/base",
                "OPENAI_BASE_URL", "http://127.0.0.1:18081/v1"),
            Map.of());
    assertThat(read.kafka().bootstrapServers()).isEqualTo("k:1");
    assertThat(read.registry().urls()).hasSize(2);
    assertThat(read.models().openai().orElseThrow().own()).isTrue();
  }

  @Test
  void keysFlagsAndEnvironmentNamesAreUnique() {
    assertThat(Arrays.stream(Setting.values()).flatMap(s -> s.flag().stream()))
        .doesNotHaveDuplicates();
    assertThat(Arrays.stream(Setting.values()).flatMap(s -> s.key().stream()))
        .doesNotHaveDuplicates();
    List<String> names =
        Arrays.stream(Setting.values()).flatMap(s -> s.environment().stream()).toList();
    assertThat(names).doesNotHaveDuplicates();
  }

  @Test
  void theFileNamesFurtherProvidersAndTheEnvironmentHasTheirKeys() throws IOException {
    Path file =
        file(
            """
            providers:
              groq:
                like: groq
                key_env: GROQ_API_KEY
                serves: [llama-3.3-70b]
              house:
                like: vllm
                base_url: http://gpu:8000/v1
            """);
    var read = Configuration.load(file, Map.of("GROQ_API_KEY", "gsk-1"), Map.of());
    assertThat(read.models().real()).isTrue();
    assertThat(read.models().others()).extracting(ProviderRow::id).containsExactly("groq", "house");
    ProviderRow groq = read.models().others().getFirst();
    assertThat(groq.key().orElseThrow().value()).isEqualTo("gsk-1");
    assertThat(groq.models()).containsExactly("llama-3.3-70b");
    assertThat(groq.traits().properties()).hasSize(1);
    assertThat(read.models().others().getLast().traits().path("base_url").asText())
        .isEqualTo("http://gpu:8000/v1");
    assertThat(read.toString()).doesNotContain("gsk-1");
  }

  @Test
  void whatIsWrongWithAProviderIsToldWithItsPlace() throws IOException {
    Path file =
        file(
            """
            providers:
              groq: {like: groq, key_env: GROQ_API_KEY}
              house: vllm
              other: {key_file: /nowhere, serves: all}
            """);
    assertThatThrownBy(() -> Configuration.load(file, Map.of(), Map.of()))
        .hasMessageContaining("providers.groq.key_env is \"GROQ_API_KEY\"")
        .hasMessageContaining("providers.house is \"vllm\"")
        .hasMessageContaining("providers.other.key_file is \"/nowhere\"")
        .hasMessageContaining("providers.other.serves is \"all\"");
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(dir.resolve("penstock.yaml"), yaml);
  }
}
