package io.penstock.policies.cost;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.ARequest;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** At most a token for each byte, and what a template writes: 128, and 8 for a turn or a part. */
class TokenCeilingTest {
  private static final ImagePart IMAGE = new ImagePart("https://example.com/dam.png", "high", null);

  static Stream<Arguments> requests() {
    return Stream.of(
        row("a plain text", aRequest().asking("abcd"), 136 + 4),
        row("a sign that is four tokens", aRequest().asking("\uD83E\uDEB7"), 136 + 4),
        row("text in parts", turn(new TextPart("abcd", null)), 144 + 4),
        row("a call", turn(new ToolCall("id", "look", "{}", null)), 144 + 2 + 4 + 2),
        row(
            "its result",
            turn(new ToolResult("id", List.of(new TextPart("abcd", null)), false, null)),
            144 + 8 + 4),
        row("a thought, and one in secret", turn(new Reasoning("ab", null, "cd")), 144 + 4),
        row("a part that we do not know", turn(new RawPart("x", "{\"a\":1}", null)), 144 + 7),
        row("an image, however large", turn(IMAGE), 144 + 10_000),
        row("what is to be embedded", aRequest().embedding("[\"abcd\"]"), 8),
        row("a tool", aRequest().asking("abcd").with(tool("f", "gh", "{}", null)), 1_172 + 5),
        row(
            "one that the requester runs",
            aRequest().asking("abcd").with(tool("", null, null, "{\"type\":\"bash_20250124\"}")),
            1_172 + 2_048 + 24),
        row(
            "a schema",
            aRequest()
                .asking("abcd")
                .with(
                    Options.newBuilder()
                        .setResponseFormat(new ResponseFormat("json_schema", "n", "{}", null, null))
                        .build()),
            1_164 + 3));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void everythingThatIsSentCounts(String what, ARequest request, long most) {
    assertThat(TokenCeiling.of(request.build(), "gpt-4o"))
        .hasValueSatisfying(ceiling -> assertThat(ceiling.input()).isEqualTo(most));
  }

  @ParameterizedTest
  @CsvSource({"gpt-5.4-mini, 16200", "gpt-4o-mini, 50000", "claude-sonnet-5, 10000"})
  void someModelsSeeMoreInAnImage(String model, long tokens) {
    assertThat(TokenCeiling.of(turn(IMAGE).build(), model).orElseThrow().input() - 144)
        .isEqualTo(tokens);
  }

  @Test
  void onlyTextIsPlain() {
    assertThat(TokenCeiling.of(aRequest().build(), "m").orElseThrow().plain()).isTrue();
    assertThat(TokenCeiling.of(turn(IMAGE).build(), "m").orElseThrow().plain()).isFalse();
    var sound = new RawPart("input_audio", "{\"type\":\"input_audio\"}", null);
    assertThat(TokenCeiling.of(turn(sound).build(), "m").orElseThrow().plain()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"web_search_20250305\",\"name\":\"web_search\",\"max_uses\":1}",
        "{\"type\":\"code_execution_20250825\"}",
        "{\"type\":\"mcp\"}",
        "{}",
        "no JSON"
      })
  void aToolThatTheProviderRunsHasNoBound(String raw) {
    assertThat(TokenCeiling.of(aRequest().with(tool("", null, null, raw)).build(), "m")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"file\",\"file\":{\"file_data\":\"data:application/pdf;base64,AA\"}}",
        "{\"type\":\"document\",\"source\":{\"type\":\"url\",\"url\":\"https://a/b\"}}",
        "{\"type\":\"document\",\"source\":{\"type\":\"file\",\"file_id\":\"f\"}}",
        "{\"type\":\"document\",\"source\":{\"media_type\":\"application/pdf\",\"data\":\"A\"}}",
        "{\"type\":\"video_url\"}"
      })
  void aPartBehindWhichMoreMayBeHasNoBound(String json) {
    assertThat(TokenCeiling.of(turn(new RawPart("x", json, null)).build(), "m")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"web_search_options\":{}}",
        "{\"mcp_servers\":[]}",
        "{\"audio\":{\"voice\":\"a\"}}",
        "{\"inference_geo\":\"us\"}",
        "{\"speed\":\"fast\"}",
        "{\"best_of\":8}"
      })
  void aFieldThatMakesTheProviderChargeMoreHasNoBound(String extra) {
    Options options = Options.newBuilder().setExtra(extra).build();

    assertThat(TokenCeiling.of(aRequest().with(options).build(), "m")).isEmpty();
  }

  private static Options tool(
      String name,
      @Nullable String description,
      @Nullable String parameters,
      @Nullable String raw) {
    return Options.newBuilder()
        .setTools(List.of(new Tool(name, description, parameters, null, null, raw)))
        .build();
  }

  private static ARequest turn(Object part) {
    return aRequest().withoutTurns().then(new Message("user", "", null, List.of(part)));
  }

  private static Arguments row(String what, ARequest request, long most) {
    return Arguments.of(what, request, most);
  }
}
