package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.stream.Assembly;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.InferenceRequest;
import java.util.ArrayList;
import java.util.List;

/** Streams as tests write them, read without a connection. */
final class Streams {
  private final StreamReader reader;
  private final List<Delta> pieces = new ArrayList<>();

  private Streams(String preset, InferenceRequest request) {
    var provider = Presets.named(preset).at("p", "http://x/v1", null);
    Question question = Asked.question(provider, "m", request, true);
    reader = provider.dialect().stream(question);
  }

  static Streams of(String preset) {
    return new Streams(preset, Asked.aRequest().saying("user", "Hi").now());
  }

  /** An event with this data, in single quotes. */
  Streams event(String singleQuoted) {
    pieces.addAll(
        reader.read(new ServerSentEvents.Event("", singleQuoted.replace('\'', '"'), true)));
    return this;
  }

  Streams events(String... singleQuoted) {
    for (String each : singleQuoted) {
      event(each);
    }
    return this;
  }

  List<Delta> pieces() {
    return pieces;
  }

  boolean over() {
    return reader.over();
  }

  /** What came of it when the connection ends now. */
  Result result() {
    return reader.result(null);
  }

  /** The answer, which its pieces join to. */
  Answer answer() {
    Result result = result();
    assertThat(result).isInstanceOf(Result.Answered.class);
    Answer answer = ((Result.Answered) result).answer();
    var joined = new Assembly();
    pieces.forEach(joined::add);
    assertThat(
            joined
                .answer(
                    i ->
                        new Assembly.End(
                            answer.getFinishReason(),
                            answer.getStopSequence(),
                            answer.getLogprobs()),
                    answer.getDropped())
                .getText())
        .as("what the pieces join to")
        .isEqualTo(answer.getText());
    return answer;
  }

  Result.Failed failure() {
    Result result = result();
    assertThat(result).isInstanceOf(Result.Failed.class);
    return (Result.Failed) result;
  }

  /** A chunk of OpenAI's with this delta. */
  static String chunk(String delta) {
    return "{'object':'chat.completion.chunk','model':'m-1','choices':[{'index':0,'delta':"
        + delta
        + ",'finish_reason':null}],'usage':null}";
  }

  /** The chunk that ends a choice. */
  static String finish(String reason) {
    return "{'model':'m-1','choices':[{'index':0,'delta':{},'finish_reason':'" + reason + "'}]}";
  }

  /** The chunk that only tells usage. */
  static String usage(long prompt, long completion) {
    return "{'model':'m-1','choices':[],'usage':{'prompt_tokens':"
        + prompt
        + ",'completion_tokens':"
        + completion
        + ",'total_tokens':"
        + (prompt + completion)
        + "}}";
  }
}
