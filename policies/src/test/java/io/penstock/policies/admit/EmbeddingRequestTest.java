package io.penstock.policies.admit;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.admit.RichRequests.WEATHER;
import static io.penstock.policies.admit.RichRequests.failure;
import static io.penstock.policies.admit.RichRequests.judged;
import static io.penstock.policies.admit.RichRequests.refused;
import static io.penstock.policies.admit.RichRequests.tools;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.admit.Admission.Verdict;
import io.penstock.schemas.avro.InferenceRequest;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be embedded. */
class EmbeddingRequestTest {
  @Test
  void inputIsForEmbeddingsOnly() {
    var request = InferenceRequest.newBuilder(aRequest().build()).setInput("\"a\"").build();

    assertThat(failure(request).getField()).isEqualTo("input");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"hello\"", "[\"hello\", \"world\"]", "[1, 2, 3]", "[[1, 2], [3]]"})
  void textsAndTokensAreEmbedded(String input) {
    assertThat(judged(aRequest().embedding(input))).isInstanceOf(Verdict.Admitted.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7 | invalid_value",
        "{} | invalid_value",
        "[\"a\", 1] | invalid_value",
        "[[1], [\"a\"]] | invalid_value",
        "[1.5] | invalid_value",
        "[true] | invalid_value",
        "[\"a\" | invalid_value",
        "[1, 2 | invalid_value",
        "[[1 | invalid_value",
        "\"a\" \"b\" | invalid_value",
        "\"\" | empty_prompt",
        "[] | empty_prompt",
        "[\"a\", \"\"] | empty_prompt",
        "[[1], []] | empty_prompt"
      })
  void onlyTextsAndTokensAreEmbedded(String input, String code) {
    var failure = refused(aRequest().embedding(input));

    assertThat(failure.getCode()).isEqualTo(code);
    assertThat(failure.getField()).isEqualTo("input");
  }

  @Test
  void embeddingsNeedTheirInputAndNoConversation() {
    assertThat(refused(aRequest().embedding("\"a\"").then("user", "hi")).getField())
        .isEqualTo("messages");
    var without =
        InferenceRequest.newBuilder(aRequest().embedding("\"a\"").build()).setInput(null).build();
    assertThat(failure(without).getCode()).isEqualTo(Reason.MISSING_FIELD.code());
    assertThat(refused(aRequest().embedding("\"a\"").with(tools(WEATHER).build())).getMessage())
        .contains("no tools");
  }

  @ParameterizedTest
  @ValueSource(ints = {2048, 2049})
  void embeddingsAreMadeOfSoManyTextsAtOnce(int texts) {
    var input = "[" + String.join(",", Collections.nCopies(texts, "\"a\"")) + "]";

    assertThat(judged(aRequest().embedding(input)))
        .isInstanceOf(texts == 2048 ? Verdict.Admitted.class : Verdict.Refused.class);
  }
}
