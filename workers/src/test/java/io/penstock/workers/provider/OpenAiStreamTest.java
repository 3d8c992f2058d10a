package io.penstock.workers.provider;

import static io.penstock.workers.provider.Streams.chunk;
import static io.penstock.workers.provider.Streams.finish;
import static io.penstock.workers.provider.Streams.usage;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiStreamTest {

  @Test
  void aStreamIsReadToItsAnswerAndUsage() {
    var stream =
        Streams.of("openai")
            .events(
                chunk("{'role':'assistant','content':''}"),
                chunk("{'content':'Par'}"),
                chunk("{'content':'is.'}"),
                finish("stop"),
                "{'model':'m-1','service_tier':'flex','choices':[],'usage':{'prompt_tokens':9,"
                    + "'completion_tokens':2,'total_tokens':11}}",
                "[DONE]");
    assertThat(stream.over()).isTrue();
    assertThat(stream.pieces())
        .containsExactly(
            new Delta(DeltaKind.TEXT, 0, 0, "Par", null, null),
            new Delta(DeltaKind.TEXT, 0, 0, "is.", null, null));
    assertThat(stream.result())
        .isEqualTo(
            new Result.Answered(
                Answers.text("Paris.", "stop"),
                new Bill("m-1", "flex", Tokens.plain(9, 2), List.of(), null)));
  }

  @Test
  void anAnswerIsCompleteWithoutDone() {
    var stream = Streams.of("openai").events(chunk("{'content':'Hi'}"), finish("stop"));
    assertThat(stream.answer()).isEqualTo(Answers.text("Hi", "stop"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[DONE]", "[DONE] ", "[DONE]\n"})
  void anAnswerWithoutAFinishReasonIsNotComplete(String end) {
    var failed = Streams.of("openai").events(chunk("{'content':'Hi'}"), end).failure();
    assertThat(failed.reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
    assertThat(failed.bill().usage()).isNull();
    assertThat(failed.bill().counted()).isNotNull();
  }

  @Test
  void aStreamThatEndsEarlyIsCountedByUs() {
    var counted =
        Streams.of("openai")
            .events(chunk("{'content':'one two three four five'}"))
            .failure()
            .bill()
            .counted();
    assertThat(counted).isNotNull().extracting(Tokens::output).isEqualTo(5L);
    assertThat(counted).extracting(Tokens::uncachedInput).isEqualTo(5L);
  }

  @Test
  void usageOfAStreamThatEndsEarlyIsPartial() {
    var bill =
        Streams.of("gemini")
            .events(
                chunk("{'content':'one two three four'}")
                    .replace(
                        "'usage':null",
                        "'usage':{'prompt_tokens':7,'completion_tokens':2,'total_tokens':9}"))
            .failure()
            .bill();
    assertThat(bill.usage()).isEqualTo(Tokens.plain(7, 2));
    assertThat(bill.notes()).containsExactly(Bill.PARTIAL);
    assertThat(bill.counted()).isEqualTo(Tokens.plain(7, 4));
  }

  @Test
  void aCompleteStreamWithoutUsageIsCountedByUs() {
    var result =
        Streams.of("compatible").events(chunk("{'content':'Hi'}"), finish("stop")).result();
    assertThat(result).isInstanceOf(Result.Answered.class);
    assertThat(result.bill().usage()).isNull();
    assertThat(result.bill().counted()).isNotNull();
    assertThat(result.bill().notes()).isEmpty();
  }

  @Test
  void usageOnAChunkWithChoicesIsNotLost() {
    var bill =
        Streams.of("compatible")
            .events(
                chunk("{'content':'Hi'}"),
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'usage':"
                    + "{'prompt_tokens':20,'completion_tokens':1,'total_tokens':21,"
                    + "'prompt_tokens_details':{'cached_tokens':16}}}")
            .result()
            .bill();
    assertThat(bill.usage()).isEqualTo(new Tokens(4, 16, 0, 0, 1, 0, Tokens.Special.NONE));
  }

  @Test
  void theLastUsageHoldsAndNoneIsAdded() {
    var result =
        Streams.of("openai")
            .events(
                chunk("{'content':'a'}")
                    .replace(
                        "'usage':null",
                        "'usage':{'prompt_tokens':9,'completion_tokens':1,'total_tokens':10}"),
                finish("stop"),
                usage(9, 2),
                "{'choices':[],'usage':null}",
                "{'choices':[],'usage':{}}",
                "[DONE]")
            .result();
    assertThat(result.bill().usage()).isEqualTo(Tokens.plain(9, 2));
  }

  @Test
  void groqMayTellUsageUnderItsOwnName() {
    var bill =
        Streams.of("groq")
            .events(
                chunk("{'content':'a'}"),
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'x_groq':{'usage':"
                    + "{'prompt_tokens':9,'completion_tokens':2,'total_tokens':11}}}")
            .result()
            .bill();
    assertThat(bill.usage()).isEqualTo(Tokens.plain(9, 2));
  }

  @Test
  void toolCallsAreJoinedByTheirIndex() {
    var answer =
        Streams.of("openai")
            .events(
                chunk("{'content':'Wait'}"),
                chunk(
                    "{'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':''}}]}"),
                chunk(
                    "{'tool_calls':[{'index':1,'id':'b','type':'function','function':{'name':'g','arguments':'{'}}]}"),
                chunk("{'tool_calls':[{'index':0,'function':{'arguments':'{}'}}]}"),
                chunk("{'tool_calls':[{'index':1,'function':{'arguments':'}'}}]}"),
                finish("tool_calls"))
            .answer();
    assertThat(answer.getFinishReason()).isEqualTo("tool_calls");
    assertThat(answer.getParts())
        .isEqualTo(
            List.of(
                new TextPart("Wait", null),
                new ToolCall("a", "f", "{}", null),
                new ToolCall("b", "g", "{}", null)));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "the same index | {'index':0,'id':'a','function':{'name':'f','arguments':'1'}} | {'index':0,'id':'b','function':{'name':'g','arguments':'2'}} | {'index':0,'function':{'arguments':'3'}}",
        "no index | {'id':'a','function':{'name':'f','arguments':'1'}} | {'id':'b','function':{'name':'g','arguments':'2'}} | {'function':{'arguments':'3'}}",
        "the id again and again | {'index':0,'id':'a','function':{'name':'f','arguments':'1'}} | {'index':1,'id':'b','function':{'name':'g','arguments':'2'}} | {'index':1,'id':'b','function':{'name':'g','arguments':'3'}}",
        "arguments as an object | {'index':0,'id':'a','function':{'name':'f','arguments':'1'}} | {'index':1,'id':'b','function':{'name':'g','arguments':'2'}} | {'index':1,'id':null,'function':{'name':null,'arguments':'3'}}",
      })
  void callsOfCarelessServersAreToldApart(String what, String one, String two, String three) {
    var answer =
        Streams.of("compatible")
            .events(
                chunk("{'tool_calls':[" + one + "]}"),
                chunk("{'tool_calls':[" + two + "]}"),
                chunk("{'tool_calls':[" + three + "]}"),
                finish("tool_calls"))
            .answer();
    assertThat(answer.getParts())
        .as(what)
        .isEqualTo(List.of(new ToolCall("a", "f", "1", null), new ToolCall("b", "g", "23", null)));
  }

  @Test
  void aCallWithoutAnIdGetsOne() {
    var answer =
        Streams.of("ollama")
            .events(
                chunk("{'tool_calls':[{'function':{'name':'f','arguments':{'a':1}}}]}"),
                finish("tool_calls"))
            .answer();
    assertThat(answer.getParts())
        .isEqualTo(List.of(new ToolCall("call_0_0", "f", "{\"a\":1}", null)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"reasoning_content", "reasoning"})
  void thoughtsAreAPartOfTheirOwn(String field) {
    var answer =
        Streams.of("deepseek")
            .events(
                chunk("{'" + field + "':'hm'}"),
                chunk("{'" + field + "':'m'}"),
                chunk("{'content':'Hi'}"),
                finish("stop"))
            .answer();
    assertThat(answer.getText()).isEqualTo("Hi");
    assertThat(answer.getParts())
        .isEqualTo(List.of(new Reasoning("hmm", null, null), new TextPart("Hi", null)));
  }

  @Test
  void aRefusalIsNoAnswerToServeAgain() {
    var answer =
        Streams.of("openai")
            .events(chunk("{'refusal':'I '}"), chunk("{'refusal':'cannot.'}"), finish("stop"))
            .answer();
    assertThat(answer.getRefusal()).isEqualTo("I cannot.");
    assertThat(answer.getFinishReason()).isEqualTo("content_filter");
  }

  @Test
  void severalAnswersAreKeptApart() {
    var answer =
        Streams.of("openai")
            .events(
                "{'choices':[{'index':1,'delta':{'content':'b'}}]}",
                "{'choices':[{'index':0,'delta':{'content':'a'}}]}",
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}",
                "{'choices':[{'index':1,'delta':{},'finish_reason':'length'}]}")
            .answer();
    assertThat(answer.getText()).isEqualTo("a");
    assertThat(answer.getOthers()).containsExactly(Answers.text("b", "length"));
  }

  @Test
  void oneAnswerOfSeveralWithoutAnEndIsNotComplete() {
    var stream =
        Streams.of("openai")
            .events(
                "{'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':'stop'}]}",
                "{'choices':[{'index':1,'delta':{'content':'b'}}]}");
    assertThat(stream.failure().reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
  }

  @Test
  void probabilitiesAreGathered() {
    var answer =
        Streams.of("openai")
            .events(
                "{'choices':[{'index':0,'delta':{'content':'a'},'logprobs':{'content':[{'token':'a','logprob':-0.10}],'refusal':null}}]}",
                "{'choices':[{'index':0,'delta':{'content':'b'},'logprobs':{'content':[{'token':'b','logprob':-2}],'refusal':null}}]}",
                finish("stop"))
            .answer();
    assertThat(answer.getLogprobs())
        .isEqualTo(
            "{\"content\":[{\"token\":\"a\",\"logprob\":-0.10},{\"token\":\"b\",\"logprob\":-2}],\"refusal\":null}");
  }

  @Test
  void whatAStopWordEndedIsTold() {
    var answer =
        Streams.of("vllm")
            .events(
                chunk("{'content':'a'}"),
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop','stop_reason':'END'}]}")
            .answer();
    assertThat(answer.getStopSequence()).isEqualTo("END");
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{'error':{'type':'overloaded_error','message':'x'}}; PROVIDER_OVERLOADED",
        "{'error':{'type':'server_error','message':'x'}}; PROVIDER_ERROR",
        "{'error':{'code':429,'message':'x'}}; RATE_LIMITED",
        "{'error':{'code':'insufficient_quota','message':'x'}}; QUOTA_EXHAUSTED",
        "{'error':{'code':'context_length_exceeded','message':'x'},'choices':[]}; CONTEXT_TOO_LONG",
        "{'error':'out of memory'}; PROVIDER_ERROR",
      })
  void anErrorInTheMiddleIsOneOfTheTable(String event, Reason reason) {
    var stream = Streams.of("openrouter").events(chunk("{'content':'Hi'}"), event);
    assertThat(stream.over()).isTrue();
    assertThat(stream.failure().reason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html>",
        "[1,2]",
        "7",
        "{'choices':",
        "{'choices':[]}{'choices':[]}",
      })
  void garbageInTheMiddleIsNoAnswer(String event) {
    var stream = Streams.of("openai").events(chunk("{'content':'Hi'}"), event, finish("stop"));
    assertThat(stream.failure().reason()).isEqualTo(Reason.ANSWER_GARBLED);
    assertThat(stream.failure().bill().counted()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'choices':null}",
        "{'choices':[null]}",
        "{'choices':['x']}",
        "{'choices':[{}]}",
        "{'choices':[{'index':-1,'delta':{'content':'x'}}]}",
        "{'choices':[{'index':4000000,'delta':{'content':'x'}}]}",
        "{'choices':[{'index':0,'delta':'x'}]}",
        "{'choices':[{'index':0,'delta':{'tool_calls':'x'}}]}",
        "{'choices':[{'index':0,'delta':{'tool_calls':[]}}]}",
        "{'object':'something.new','obfuscation':'xyz'}",
        "{'usage':'many'}",
      })
  void whatIsNotUnderstoodIsPassedOver(String event) {
    var stream = Streams.of("openai").events(chunk("{'content':'Hi'}"), event, finish("stop"));
    assertThat(stream.answer()).isEqualTo(Answers.text("Hi", "stop"));
  }

  @Test
  void chunksThatComeTwiceAndLateDoNoHarm() {
    var stream =
        Streams.of("openai")
            .events(
                finish("stop"),
                usage(5, 2),
                chunk("{'content':'Hi'}"),
                finish("stop"),
                usage(5, 2));
    assertThat(stream.answer()).isEqualTo(Answers.text("Hi", "stop"));
    assertThat(stream.result().bill().usage()).isEqualTo(Tokens.plain(5, 2));
  }

  @Test
  void nothingIsNoAnswer() {
    assertThat(Streams.of("openai").failure().reason()).isEqualTo(Reason.ANSWER_GARBLED);
    assertThat(Streams.of("openai").event("[DONE]").failure().reason())
        .isEqualTo(Reason.ANSWER_GARBLED);
  }

  @Test
  void anAnswerBeyondTheBoundIsCutOff() {
    var stream = Streams.of("openai");
    String piece = chunk("{'content':'" + "x".repeat(1024 * 1024) + "'}");
    int read = 0;
    while (!stream.over()) {
      stream.event(piece);
      read++;
    }
    assertThat(read).isEqualTo(Limits.LARGEST_TEXT_BYTES / (1024 * 1024) + 1);
    var failed = stream.failure();
    assertThat(failed.reason()).isEqualTo(Reason.ANSWER_TOO_LARGE);
    assertThat(failed.bill().counted()).isNotNull().extracting(Tokens::output).isNotEqualTo(0L);
  }

  @Test
  void aWholeMessageInOneChunkIsAnAnswer() {
    Answer answer =
        Streams.of("compatible")
            .event(
                "{'choices':[{'index':0,'message':{'role':'assistant','content':'Hi'},'finish_reason':'stop'}]}")
            .answer();
    assertThat(answer).isEqualTo(Answers.text("Hi", "stop"));
  }
}
