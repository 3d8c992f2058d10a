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
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnthropicDialectTest {
  // docs/measurements.md, Providers §2.1
  private static final String HOSTED =
      """
      {'id':'msg_1','type':'message','role':'assistant','model':'claude-sonnet-5-5',
       'content':[{'type':'thinking','thinking':'hm','signature':'s'},{'type':'text','text':'Par'},
         {'type':'text','text':'is.'},{'type':'tool_use','id':'t','name':'n','input':{}}],
       'stop_reason':'end_turn','stop_sequence':null,
       'usage':{'input_tokens':3,'cache_creation_input_tokens':12304,'cache_read_input_tokens':7,
         'cache_creation':{'ephemeral_5m_input_tokens':12000,'ephemeral_1h_input_tokens':304},
         'output_tokens':550,'server_tool_use':{'web_search_requests':0},
         'service_tier':'standard','inference_geo':'us'}}
      """;

  // docs/measurements.md, Real servers §2.1
  private static final String LLAMA_SERVER =
      """
      {'id':'chatcmpl-x','type':'message','role':'assistant',
       'content':[{'type':'text','text':'Hail a'}],'model':'smollm2-135m',
       'stop_reason':'max_tokens','stop_sequence':null,
       'usage':{'cache_read_input_tokens':24,'input_tokens':8,'output_tokens':8}}
      """;

  @Test
  void systemTextGoesToTheTop() {
    var request = aRequest().saying("system", "Be brief.").saying("user", "Hi").limitedTo(20);
    assertThat(question("anthropic", "claude", request.at(0.5).now()).body())
        .isEqualTo(
            json(
                """
                {'model':'claude','max_tokens':20,'system':'Be brief.',
                 'messages':[{'role':'user','content':'Hi'}],'temperature':0.5}
                """));
  }

  @Test
  void turnsOfOneRoleBecomeOneAndSystemTextsAreGathered() {
    var request =
        aRequest()
            .saying("system", "a")
            .saying("user", "b")
            .saying("developer", "c")
            .saying("user", "d")
            .saying("assistant", "e")
            .saying("user", "f");
    assertThat(question("anthropic", "claude", request.now()).body())
        .isEqualTo(
            json(
                """
                {'model':'claude','max_tokens':4096,
                 'system':[{'type':'text','text':'a'},{'type':'text','text':'c'}],
                 'messages':[
                   {'role':'user','content':[{'type':'text','text':'b'},{'type':'text','text':'d'}]},
                   {'role':'assistant','content':'e'},
                   {'role':'user','content':'f'}]}
                """));
  }

  @Test
  void textsWithoutContentAreLeftOut() {
    var request = aRequest().saying("system", " ").saying("user", "").saying("user", "Hi");
    assertThat(question("anthropic", "claude", request.now()).body())
        .isEqualTo(
            json(
                "{'model':'claude','max_tokens':4096,'messages':[{'role':'user','content':'Hi'}]}"));
  }

  @Test
  void aTemperatureThatAnthropicDoesNotKnowIsItsHighest() {
    var request = aRequest().saying("user", "Hi").at(1.7);
    assertThat(
            question("anthropic", "claude", request.now()).body().get("temperature").doubleValue())
        .isEqualTo(1.0);
  }

  @Test
  void aHostedAnswerIsReadWithItsUsage() {
    var result = (Result.Answered) read("anthropic", HOSTED);
    assertThat(result.bill())
        .isEqualTo(
            new Bill(
                "claude-sonnet-5-5",
                "standard",
                new Tokens(3, 7, 12000, 304, 550, 0, Tokens.Special.NONE),
                List.of(),
                null));
    assertThat(result.answer().getText()).isEqualTo("Paris.");
    assertThat(result.answer().getFinishReason()).isEqualTo("stop");
    assertThat(result.answer().getParts())
        .isEqualTo(
            List.of(
                new Reasoning("hm", "s", null),
                new TextPart("Par", null),
                new TextPart("is.", null),
                new ToolCall("t", "n", "{}", null)));
  }

  @Test
  void aLlamaServersAnswerIsReadWithItsUsage() {
    assertThat(read("anthropic", LLAMA_SERVER))
        .isEqualTo(
            new Result.Answered(
                Answers.text("Hail a", "length"),
                bill("smollm2-135m", new Tokens(8, 24, 0, 0, 8, 0, Tokens.Special.NONE))));
  }

  @ParameterizedTest(name = "stop reason {0} is {1}")
  @CsvSource({
    "end_turn, stop",
    "stop_sequence, stop",
    "pause_turn, stop",
    "max_tokens, length",
    "model_context_window_exceeded, length",
    "tool_use, tool_calls",
    "refusal, content_filter",
    "something_new, something_new",
  })
  void stopReasonsAreTheContractsWords(String said, String understood) {
    var result =
        read("anthropic", "{'content':[{'type':'text','text':'x'}],'stop_reason':'" + said + "'}");
    assertThat(((Result.Answered) result).answer()).isEqualTo(Answers.text("x", understood));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{'content':[{'type':'text','text':'half'}],'stop_reason':null}",
        "{'content':[{'type':'text','text':'half'}]}",
        "{'content':'text','stop_reason':'end_turn'}",
        "{'stop_reason':'end_turn'}",
      })
  void aSuccessWithoutACompleteAnswerIsGarbledAndBilled(String body) {
    var withUsage =
        body.substring(0, body.length() - 1) + ",'usage':{'input_tokens':2,'output_tokens':3}}";
    assertThat(read("anthropic", withUsage))
        .isInstanceOfSatisfying(
            Result.Failed.class,
            failed -> {
              assertThat(failed.reason()).isEqualTo(Reason.ANSWER_GARBLED);
              assertThat(failed.bill().usage()).isEqualTo(Tokens.plain(2, 3));
            });
  }
}
