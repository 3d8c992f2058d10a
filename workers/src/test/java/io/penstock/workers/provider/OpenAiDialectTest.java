package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static io.penstock.workers.provider.Asked.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.policies.Reason;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Tokens;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiDialectTest {
  private static final OpenAiDialect ORIGINAL = OpenAiDialect.ORIGINAL;

  // docs/measurements.md, Providers §1.1
  private static final String HOSTED =
      """
      {'id':'chatcmpl-1','object':'chat.completion','created':1,'model':'gpt-5.6-luna-2026-06-01',
       'service_tier':'default','system_fingerprint':'fp',
       'choices':[{'index':0,'message':{'role':'assistant','content':'Paris.','refusal':null,
         'annotations':[]},'logprobs':null,'finish_reason':'stop'}],
       'usage':{'prompt_tokens':2006,'completion_tokens':300,'total_tokens':2306,
        'prompt_tokens_details':{'cached_tokens':1920,'cache_write_tokens':0,'audio_tokens':0},
        'completion_tokens_details':{'reasoning_tokens':120,'audio_tokens':0,
           'accepted_prediction_tokens':0,'rejected_prediction_tokens':0}}}
      """;

  // docs/measurements.md, Real servers §2.1
  private static final String LLAMA_SERVER =
      """
      {'choices':[{'finish_reason':'length','index':0,
        'message':{'role':'assistant','content':"L'Étoile, …"}}],'created':1795440033,
       'model':'smollm2-135m','system_fingerprint':'b1-0c1e570','object':'chat.completion',
       'usage':{'completion_tokens':24,'prompt_tokens':37,'total_tokens':61,
         'prompt_tokens_details':{'cached_tokens':0}},'id':'chatcmpl-x',
       'timings':{'cache_n':0,'prompt_n':37,'prompt_ms':568.4,'predicted_n':24}}
      """
          .replace("\"L'Étoile, …\"", "'L Étoile, …'");

  @Test
  void theQuestionHoldsWhatTheModelNeedsAndNothingElse() {
    var request = aRequest().saying("system", "Be brief.").saying("user", "Capital of France?");
    assertThat(ORIGINAL.question("gpt-5.6-luna", request.limitedTo(50).at(0.2).now()))
        .isEqualTo(
            json(
                """
                {'model':'gpt-5.6-luna','messages':[{'role':'system','content':'Be brief.'},
                 {'role':'user','content':'Capital of France?'}],
                 'max_completion_tokens':50,'temperature':0.2}
                """));
  }

  @Test
  void whatWasNotAskedForIsNotSent() {
    assertThat(ORIGINAL.question("m", aRequest().saying("user", "Hi").now()))
        .isEqualTo(json("{'model':'m','messages':[{'role':'user','content':'Hi'}]}"));
  }

  @Test
  void copiesOfOpenAiKnowTheOldLimitAndNoDevelopers() {
    var request = aRequest().saying("developer", "Be brief.").saying("user", "Hi").limitedTo(9);
    assertThat(OpenAiDialect.COMPATIBLE.question("m", request.now()))
        .isEqualTo(
            json(
                """
                {'model':'m','messages':[{'role':'system','content':'Be brief.'},
                 {'role':'user','content':'Hi'}],'max_tokens':9}
                """));
    assertThat(ORIGINAL.question("m", request.now()).at("/messages/0/role").textValue())
        .isEqualTo("developer");
  }

  @Test
  void theKeyGoesIntoTheUsualHeader() {
    assertThat(ORIGINAL.headers(new ApiKey("sk-1")))
        .isEqualTo(Map.of("Authorization", "Bearer sk-1"));
    assertThat(ORIGINAL.headers(null)).isEmpty();
  }

  @Test
  void aHostedAnswerIsReadWithItsUsage() {
    assertThat(ORIGINAL.read(json(HOSTED)))
        .isEqualTo(
            new Result.Answered(
                Answers.text("Paris.", "stop"),
                "gpt-5.6-luna-2026-06-01",
                new Tokens(86, 1920, 0, 0, 300, 120, Tokens.Special.NONE)));
  }

  @Test
  void aLlamaServersAnswerIsReadWithItsUsage() {
    assertThat(ORIGINAL.read(json(LLAMA_SERVER)))
        .isEqualTo(
            new Result.Answered(
                Answers.text("L Étoile, …", "length"), "smollm2-135m", Tokens.plain(37, 24)));
  }

  @ParameterizedTest(name = "finish reason {0} is {1}")
  @CsvSource({
    "stop, stop",
    "length, length",
    "tool_calls, tool_calls",
    "function_call, tool_calls",
    "content_filter, content_filter",
    "something_new, something_new",
  })
  void finishReasonsAreTheContractsWords(String said, String understood) {
    var result = ORIGINAL.read(answer("'x'", "'" + said + "'"));
    assertThat(result).isInstanceOf(Result.Answered.class);
    assertThat(((Result.Answered) result).answer()).isEqualTo(Answers.text("x", understood));
  }

  @Test
  void aRefusalIsNoAnswerToServeAgain() {
    var result =
        ORIGINAL.read(
            json(
                """
                {'model':'m','choices':[{'message':{'content':null,'refusal':'I cannot help.'},
                 'finish_reason':'stop'}]}
                """));
    assertThat(result)
        .isEqualTo(
            new Result.Answered(Answers.text("I cannot help.", "content_filter"), "m", null));
  }

  @Test
  void anEmptyAnswerWithAFinishReasonIsAnAnswer() {
    assertThat(ORIGINAL.read(answer("null", "'length'")))
        .isEqualTo(new Result.Answered(Answers.text("", "length"), "m", Tokens.plain(5, 7)));
  }

  @Test
  void contentInPartsIsOneText() {
    assertThat(
            ORIGINAL.read(
                answer(
                    "[{'type':'text','text':'a'},{'type':'x'},{'type':'text','text':'b'}]",
                    "'stop'")))
        .isEqualTo(new Result.Answered(Answers.text("ab", "stop"), "m", Tokens.plain(5, 7)));
  }

  @ParameterizedTest(name = "finish reason {0}: {1}")
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "null, ANSWER_GARBLED",
        "'', ANSWER_GARBLED",
        "7, ANSWER_GARBLED",
        "'abort', ANSWER_TRUNCATED",
        "'error', ANSWER_TRUNCATED",
      })
  void anAnswerThatNobodyCalledCompleteIsNone(String finish, Reason reason) {
    var result = ORIGINAL.read(answer("'half an ans'", finish));
    assertThat(result).isInstanceOf(Result.Failed.class);
    assertThat(((Result.Failed) result).reason()).isEqualTo(reason);
    assertThat(result.usage()).as("it is billed all the same").isEqualTo(Tokens.plain(5, 7));
    assertThat(result.billedModel()).isEqualTo("m");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{}",
        "{'choices':[]}",
        "{'choices':null}",
        "{'choices':{'message':1}}",
        "{'choices':[{'finish_reason':'stop'}]}",
        "{'choices':[{'finish_reason':'stop','message':'text'}]}",
        "{'error':{'message':'overloaded','type':'server_error'}}",
        "{'error':'model not loaded','choices':[{'finish_reason':'stop','message':{'content':'x'}}]}",
      })
  void aSuccessWithoutAnAnswerIsGarbled(String body) {
    assertThat(ORIGINAL.read(json(body)))
        .isInstanceOfSatisfying(
            Result.Failed.class,
            failed -> assertThat(failed.reason()).isEqualTo(Reason.ANSWER_GARBLED));
  }

  private static JsonNode answer(String content, String finish) {
    return json(
        "{'model':'m','choices':[{'message':{'content':"
            + content
            + "},'finish_reason':"
            + finish
            + "}],'usage':{'prompt_tokens':5,'completion_tokens':7}}");
  }
}
