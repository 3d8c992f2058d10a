package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static io.penstock.workers.provider.Asked.bill;
import static io.penstock.workers.provider.Asked.json;
import static io.penstock.workers.provider.Asked.question;
import static io.penstock.workers.provider.Asked.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Tokens;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiDialectTest {
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
    assertThat(question("openai", "gpt-4.1", request.limitedTo(50).at(0.2).now()).body())
        .isEqualTo(
            json(
                """
                {'model':'gpt-4.1','messages':[{'role':'system','content':'Be brief.'},
                 {'role':'user','content':'Capital of France?'}],
                 'max_completion_tokens':50,'temperature':0.2}
                """));
  }

  @Test
  void whatWasNotAskedForIsNotSent() {
    assertThat(question("openai", "m", aRequest().saying("user", "Hi").now()).body())
        .isEqualTo(json("{'model':'m','messages':[{'role':'user','content':'Hi'}]}"));
  }

  @Test
  void copiesOfOpenAiKnowTheOldLimitAndNoDevelopers() {
    var request = aRequest().saying("developer", "Be brief.").saying("user", "Hi").limitedTo(9);
    assertThat(question("compatible", "m", request.now()).body())
        .isEqualTo(
            json(
                """
                {'model':'m','messages':[{'role':'system','content':'Be brief.'},
                 {'role':'user','content':'Hi'}],'max_tokens':9}
                """));
    assertThat(question("openai", "m", request.now()).body().at("/messages/0/role").textValue())
        .isEqualTo("developer");
  }

  @Test
  void aHostedAnswerIsReadWithItsUsage() {
    assertThat(read("openai", HOSTED))
        .isEqualTo(
            new Result.Answered(
                Answers.text("Paris.", "stop"),
                new Bill(
                    "gpt-5.6-luna-2026-06-01",
                    "default",
                    new Tokens(86, 1920, 0, 0, 300, 120, Tokens.Special.NONE),
                    List.of(),
                    null)));
  }

  @Test
  void aLlamaServersAnswerIsReadWithItsUsage() {
    assertThat(read("openai", LLAMA_SERVER))
        .isEqualTo(
            new Result.Answered(
                Answers.text("L Étoile, …", "length"), bill("smollm2-135m", Tokens.plain(37, 24))));
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
    var result = read("openai", answer("'x'", "'" + said + "'"));
    assertThat(result).isInstanceOf(Result.Answered.class);
    assertThat(((Result.Answered) result).answer()).isEqualTo(Answers.text("x", understood));
  }

  @Test
  void aRefusalIsNoAnswerToServeAgain() {
    var result =
        (Result.Answered)
            read(
                "openai",
                """
                {'model':'m','choices':[{'message':{'content':null,'refusal':'I cannot help.'},
                 'finish_reason':'stop'}]}
                """);
    assertThat(result.answer().getRefusal()).isEqualTo("I cannot help.");
    assertThat(result.answer().getText()).isEmpty();
    assertThat(result.answer().getFinishReason()).isEqualTo("content_filter");
  }

  @Test
  void anEmptyAnswerWithAFinishReasonIsAnAnswer() {
    assertThat(read("openai", answer("null", "'length'")))
        .isEqualTo(new Result.Answered(Answers.text("", "length"), bill("m", Tokens.plain(5, 7))));
  }

  @Test
  void contentInPartsIsOneText() {
    assertThat(
            read(
                "openai",
                answer(
                    "[{'type':'text','text':'a'},{'type':'x'},{'type':'text','text':'b'}]",
                    "'stop'")))
        .isEqualTo(new Result.Answered(Answers.text("ab", "stop"), bill("m", Tokens.plain(5, 7))));
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
    var result = read("openai", answer("'half an ans'", finish));
    assertThat(result).isInstanceOf(Result.Failed.class);
    assertThat(((Result.Failed) result).reason()).isEqualTo(reason);
    assertThat(result.bill().usage()).as("it is billed all the same").isEqualTo(Tokens.plain(5, 7));
    assertThat(result.bill().model()).isEqualTo("m");
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
      })
  void aSuccessWithoutAnAnswerIsGarbled(String body) {
    assertThat(read("openai", body))
        .isInstanceOfSatisfying(
            Result.Failed.class,
            failed -> assertThat(failed.reason()).isEqualTo(Reason.ANSWER_GARBLED));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{'error':{'message':'overloaded','type':'server_error'}}; PROVIDER_ERROR",
        "{'error':{'message':'wait','code':429}}; RATE_LIMITED",
        "{'error':{'message':'wait','type':'insufficient_quota'}}; QUOTA_EXHAUSTED",
        "{'error':'model not loaded','choices':[{'finish_reason':'stop','message':{'content':'x'}}]}; PROVIDER_ERROR",
      })
  void anErrorUnderTheStatusOfASuccessIsOneAllTheSame(String body, Reason reason) {
    assertThat(read("openai", body))
        .isInstanceOfSatisfying(
            Result.Failed.class, failed -> assertThat(failed.reason()).isEqualTo(reason));
  }

  private static String answer(String content, String finish) {
    return ("{'model':'m','choices':[{'message':{'content':"
        + content
        + "},'finish_reason':"
        + finish
        + "}],'usage':{'prompt_tokens':5,'completion_tokens':7}}");
  }
}
