package io.penstock.ingress.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Lane;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InferenceReaderTest {
  @Test
  void whatIsLeftOutHasItsUsualValue() {
    var body = read("{\"prompt\":\"x\"}");
    assertThat(body.question().model()).isEqualTo("auto");
    assertThat(body.wishes().useCache()).isNull();
    assertThat(body.laneOr(Lane.BATCH)).isEqualTo(Lane.BATCH);
    assertThat(body.question().maxTokens()).isNull();
    assertThat(body.question().temperature()).isNull();
    assertThat(body.wishes().deadline()).isNull();
    assertThat(body.wishes().metadata()).isEmpty();
  }

  @Test
  void nullIsAsGoodAsLeftOut() {
    var body =
        read(
            "{\"prompt\":\"x\",\"messages\":null,\"model\":null,\"max_tokens\":null,"
                + "\"temperature\":null,\"priority\":null,\"use_cache\":null,"
                + "\"deadline_ms\":null,\"metadata\":null}");
    assertThat(body).isEqualTo(read("{\"prompt\":\"x\"}"));
  }

  @Test
  void theOrderOfFieldsAndWhiteSpaceChangeNothing() {
    var body =
        read(
            " \n{ \"deadline_ms\" : 5 , \"temperature\":1,\n \"prompt\"\t:\"\\u00e9\\ud83d\\ude00\" } \n");
    assertThat(body.wishes().deadline()).isEqualTo(Duration.ofMillis(5));
    assertThat(body.question().temperature()).isEqualTo(1.0);
    assertThat(body.question().messages().getFirst().getContent()).isEqualTo("é😀");
    assertThat(body.question().messages().getFirst().getRole()).isEqualTo("user");
  }

  @Test
  void allUnknownFieldsAreNamed() {
    var failure = refused("{\"colour\":1,\"prompt\":5,\"size\":{\"a\":[1]},\"shape\":null}");
    assertThat(failure.getCode()).isEqualTo("unknown_field");
    assertThat(failure.getMessage()).isEqualTo("unknown fields \"colour\", \"size\", \"shape\"");
    assertThat(failure.getField()).isEqualTo("colour");
  }

  @Test
  void veryManyUnknownFieldsAreCounted() {
    var document = new StringBuilder("{\"prompt\":\"x\"");
    for (int i = 0; i < 1_000; i++) {
      document.append(",\"").append("y".repeat(100)).append(i).append("\":1");
    }
    var failure = refused(document.append('}').toString());
    assertThat(failure.getMessage()).endsWith("and 980 more").hasSizeLessThan(2_000);
  }

  @Test
  void amongOtherFaultsTheFirstIsNamed() {
    assertThat(refused("{\"max_tokens\":\"5\",\"prompt\":7}").getField()).isEqualTo("max_tokens");
  }

  @Test
  void aSyntaxErrorIsNamedByLineAndColumn() {
    assertThat(refused("{\n  \"prompt\": oops\n}").getMessage())
        .startsWith("not JSON at line 2, column 13: ");
  }

  @Test
  void bytesThatAreNoUtf8AreMalformed() {
    byte[] document = "{\"prompt\":\"?\"}".getBytes(StandardCharsets.UTF_8);
    document[11] = (byte) 0xff;
    assertThat(refused(document).getCode()).isEqualTo("malformed_json");
  }

  @Test
  void aSurrogateInBytesIsNoCharacterEither() {
    byte[] document = "{\"prompt\":\"???\"}".getBytes(StandardCharsets.UTF_8);
    document[11] = (byte) 0xed;
    document[12] = (byte) 0xa0;
    document[13] = (byte) 0x80;
    assertThat(refused(document).getCode()).isIn("malformed_json", "invalid_value");
  }

  @Test
  void noDocumentMakesTheReadersThrow() {
    var random = new Random(4711);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] document = BadJson.any(random);
      if (InferenceReader.read(document, Room.ENDLESS) instanceof Reading.Read) {
        read++;
      }
      assertThat(BatchReader.read(document, i % 2 == 0 ? "application/json" : null, Room.ENDLESS))
          .isNotNull();
    }
    assertThat(read).as("some of them are good").isPositive();
  }

  private static InferenceBody read(String document) {
    return switch (InferenceReader.read(document.getBytes(StandardCharsets.UTF_8), Room.ENDLESS)) {
      case Reading.Read<InferenceBody>(var body) -> body;
      case Reading.Refused<InferenceBody>(var failure) ->
          throw new AssertionError(failure.getMessage());
    };
  }

  private static Failure refused(String document) {
    return refused(document.getBytes(StandardCharsets.UTF_8));
  }

  private static Failure refused(byte[] document) {
    return switch (InferenceReader.read(document, Room.ENDLESS)) {
      case Reading.Read<InferenceBody> _ -> throw new AssertionError("read");
      case Reading.Refused<InferenceBody>(var failure) -> failure;
    };
  }
}
