package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.policies.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import okhttp3.Headers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a provider sends, there is a result: JSON with something in it changed, many times. */
class RubbishTest {
  private static final int ROUNDS = 3000;
  private static final List<String> STRANGE =
      List.of(
          "null",
          "7",
          "-1",
          "1e30",
          "99999999999999999999",
          "true",
          "'x'",
          "''",
          "[]",
          "{}",
          "[1,null,'a']",
          "[[[]]]",
          "{'a':{'b':1}}",
          "{'0':'x','index':1,'type':'text','text':'y'}");

  private static final List<String> OPENAI =
      List.of(
          "{'id':'1','model':'m','choices':[{'index':0,'delta':{'role':'assistant','content':'a','refusal':null,'reasoning_content':'r'},'logprobs':{'content':[{'token':'a'}]},'finish_reason':null}],'usage':null}",
          "{'choices':[{'index':0,'delta':{'tool_calls':[{'index':0,'id':'t','type':'function','function':{'name':'f','arguments':'{'}}]}}]}",
          "{'choices':[{'index':0,'delta':{},'finish_reason':'tool_calls'}],'x_groq':{'usage':{'prompt_tokens':1}}}",
          "{'choices':[],'service_tier':'flex','usage':{'prompt_tokens':9,'completion_tokens':2,'total_tokens':11,'prompt_tokens_details':{'cached_tokens':1},'completion_tokens_details':{'reasoning_tokens':1}}}");

  private static final List<String> ANTHROPIC =
      List.of(
          "{'type':'message_start','message':{'model':'c','usage':{'input_tokens':3,'output_tokens':1,'cache_creation':{'ephemeral_5m_input_tokens':1}}}}",
          "{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'f','input':{}}}",
          "{'type':'content_block_delta','index':0,'delta':{'type':'input_json_delta','partial_json':'{}'}}",
          "{'type':'content_block_stop','index':0}",
          "{'type':'content_block_start','index':1,'content_block':{'type':'server_tool_use','input':{}}}",
          "{'type':'content_block_stop','index':1}",
          "{'type':'message_delta','delta':{'stop_reason':'end_turn','stop_sequence':null},'usage':{'output_tokens':9}}",
          "{'type':'message_stop'}");

  private static final String OPENAI_BODY =
      "{'model':'m','choices':[{'index':0,'message':{'content':[{'type':'text','text':'a'}],'tool_calls':[{'id':'t','function':{'name':'f','arguments':'{}'}}]},'logprobs':{},'finish_reason':'stop'}],'usage':{'prompt_tokens':1,'completion_tokens':2}}";
  private static final String ANTHROPIC_BODY =
      "{'model':'c','content':[{'type':'text','text':'a'},{'type':'tool_use','id':'t','name':'f','input':{}},{'type':'thinking','thinking':'h','signature':'s'},{'type':'new'}],'stop_reason':'end_turn','usage':{'input_tokens':1,'output_tokens':2,'server_tool_use':{'web_search_requests':1}}}";
  private static final String ERROR =
      "{'type':'error','error':{'type':'x','code':'y','message':'z'}}";

  @ParameterizedTest
  @ValueSource(strings = {"openai", "groq", "xai", "deepseek", "gemini", "anthropic"})
  void aStrangeStreamEndsInAResult(String preset) {
    var random = new Random(5);
    List<String> events = preset.equals("anthropic") ? ANTHROPIC : OPENAI;
    int answered = 0;
    for (int round = 0; round < ROUNDS; round++) {
      var stream = Streams.of(preset);
      for (String event : shuffledAtTimes(events, random)) {
        if (!stream.over()) {
          stream.event(random.nextInt(3) == 0 ? strange(event, random) : event);
        }
      }
      answered += stream.result() instanceof Result.Answered ? 1 : 0;
    }
    assertThat(answered).as("answers among %s", ROUNDS).isBetween(1, ROUNDS - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai", "anthropic"})
  void aStrangeBodyEndsInAResult(String preset) {
    var random = new Random(6);
    String body = preset.equals("anthropic") ? ANTHROPIC_BODY : OPENAI_BODY;
    int answered = 0;
    for (int round = 0; round < ROUNDS; round++) {
      answered += Asked.read(preset, strange(body, random)) instanceof Result.Answered ? 1 : 0;
    }
    assertThat(answered).as("answers among %s", ROUNDS).isBetween(1, ROUNDS - 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 429, 500, 999})
  void aStrangeRefusalHasAReason(int status) {
    var random = new Random(7);
    var traits = Presets.named("openai").traits();
    for (int round = 0; round < ROUNDS; round++) {
      String body = strange(ERROR, random).replace('\'', '"');
      assertThat(Refusal.read(traits, status, Headers.of(), body, Instant.EPOCH).reason())
          .isIn(Reason.PROVIDER_REJECTED, Reason.RATE_LIMITED, Reason.PROVIDER_ERROR);
    }
  }

  private static List<String> shuffledAtTimes(List<String> events, Random random) {
    var shuffled = new ArrayList<>(events);
    if (random.nextInt(4) == 0) {
      Collections.shuffle(shuffled, random);
    }
    if (random.nextInt(4) == 0) {
      shuffled.add(random.nextInt(shuffled.size()), shuffled.get(random.nextInt(shuffled.size())));
    }
    return shuffled;
  }

  /** The same JSON with one node replaced. */
  private static String strange(String json, Random random) {
    JsonNode tree = Asked.json(json).deepCopy();
    List<JsonNode> inner = nodes(tree).filter(node -> !node.isEmpty()).toList();
    JsonNode chosen = inner.get(random.nextInt(inner.size()));
    JsonNode value = Asked.json(STRANGE.get(random.nextInt(STRANGE.size())));
    int at = random.nextInt(chosen.size());
    if (chosen instanceof ObjectNode object) {
      object.set(List.copyOf(object.properties()).get(at).getKey(), value);
    } else {
      ((ArrayNode) chosen).set(at, value);
    }
    return tree.toString();
  }

  private static Stream<JsonNode> nodes(JsonNode node) {
    return Stream.concat(Stream.of(node), node.valueStream().flatMap(RubbishTest::nodes));
  }
}
