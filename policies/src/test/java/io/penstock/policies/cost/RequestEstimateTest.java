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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a whole request is guessed at: four bytes are a token, and a turn is four. */
class RequestEstimateTest {
  private static final String ELSEWHERE = "https://example.com/dam.png";

  static Stream<Arguments> requests() {
    return Stream.of(
        row("a plain text", aRequest().asking("abcdefgh"), 4 + 2),
        row("text in parts", turn(text("abcd"), text("abcde")), 4 + 1 + 2),
        row("a call and its result", turn(call("look", "{}"), result("abcd")), 4 + 2 + 1),
        row("a thought, and one in secret", turn(thought("abcd", "efgh")), 4 + 2),
        row("a part that we do not know", turn(new RawPart("x", "{\"a\":1}", null)), 4 + 2),
        row("an image of 32 by 22 patches", turn(image(png(1024, 700))), 4 + 704),
        row("one of 2 by 2", turn(image(gif(64, 33))), 4 + 4),
        row("one of a single pixel", turn(image(png(1, 1))), 4 + 1),
        row("one without a size", turn(image(png(0, 0))), 4 + 1),
        row("a huge one", turn(image(png(-1, -1))), 4 + 1536),
        row("one of another format", turn(image("data:image/webp;base64,UklGRg==")), 4 + 1536),
        row("one that is broken", turn(image("data:image/png;base64,AA")), 4 + 1536),
        row("one that is no base64", turn(image("data:image/png;base64,\u20ac\u20ac")), 4 + 1536),
        row("an image elsewhere", turn(image(ELSEWHERE)), 4 + 1536),
        row("one to look at closely", turn(new ImagePart(ELSEWHERE, "high", null)), 4 + 2500),
        row("an image that a tool brought", turn(result(image(ELSEWHERE))), 4 + 1536),
        row("what is to be embedded", aRequest().embedding("[\"abcd\"]"), 2),
        row("tools and a schema", turn(text("abcd")).with(options()), 5 + 1 + 2 + 1 + 2 + 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("requests")
  void everythingThatIsSentCounts(String what, ARequest request, long tokens) {
    assertThat(TokenEstimate.input(request.build(), "gpt-4o")).isEqualTo(tokens);
  }

  @ParameterizedTest
  @CsvSource({"gpt-4o, 100", "gpt-5.4-mini, 162", "gpt-5.4-nano, 246", "o4-mini, 172"})
  void someModelsSeeMoreInAnImage(String model, long tokens) {
    var request = turn(image(png(320, 320))).build();

    assertThat(TokenEstimate.input(request, model) - 4).isEqualTo(tokens);
  }

  @Test
  void anImageIsNotItsText() {
    var request = turn(image(png(32, 32) + "A".repeat(4_000_000))).build();

    assertThat(TokenEstimate.input(request, "gpt-4o")).isEqualTo(5);
  }

  private static Arguments row(String what, ARequest request, long tokens) {
    return Arguments.of(what, request, tokens);
  }

  private static ARequest turn(Object... parts) {
    return aRequest().withoutTurns().then(new Message("user", "", null, List.of(parts)));
  }

  private static TextPart text(String text) {
    return new TextPart(text, null);
  }

  private static ToolCall call(String name, String arguments) {
    return new ToolCall("c1", name, arguments, null);
  }

  private static ToolResult result(Object... content) {
    var parts = Stream.of(content).map(c -> c instanceof String s ? text(s) : c).toList();
    return new ToolResult("c1", parts, false, null);
  }

  private static Reasoning thought(String text, @Nullable String redacted) {
    return new Reasoning(text, null, redacted);
  }

  private static ImagePart image(String url) {
    return new ImagePart(url, null, null);
  }

  private static Options options() {
    return Options.newBuilder()
        .setTools(
            List.of(
                new Tool("look", "looks up", "{}", null, null, null),
                new Tool("", null, null, null, null, "{\"t\":1}")))
        .setResponseFormat(new ResponseFormat("json_schema", "n", "{}", null, null))
        .build();
  }

  private static String png(int width, int height) {
    byte[] head =
        ByteBuffer.allocate(64)
            .putLong(0x89504E470D0A1A0AL)
            .putInt(13)
            .putInt(0x49484452)
            .putInt(width)
            .putInt(height)
            .array();
    return "data:image/png;base64," + Base64.getEncoder().withoutPadding().encodeToString(head);
  }

  private static String gif(int width, int height) {
    byte[] head =
        ByteBuffer.allocate(16)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {'G', 'I', 'F', '8', '9', 'a'})
            .putShort((short) width)
            .putShort((short) height)
            .array();
    return "data:image/gif;base64," + Base64.getEncoder().encodeToString(head);
  }
}
