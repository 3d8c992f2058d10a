#!/usr/bin/env python3
"""Calls a running Penstock with the official Python SDKs of OpenAI and Anthropic, unmodified.

Prints a table of the calls and whether they passed. Ends with 0 when all did, 1 when one did not, 2 when
nothing answers at the address or the SDKs are not installed. A call that needs something this Penstock does not have (keys) is skipped, and says so.

    pip install -r infra/checks/sdk/requirements.txt
    python infra/checks/sdk/sdks.py --url http://127.0.0.1:8080
"""
import argparse
import json
import os
import sys
import traceback
import urllib.error
import urllib.request

try:
    import anthropic
    import openai
    from pydantic import BaseModel
except ImportError as missing:
    print(f"skipped, the SDKs are not here ({missing}): pip install -r infra/checks/sdk/requirements.txt", file=sys.stderr)
    sys.exit(2)

QUESTION = "Who turns the wheel? Answer in one sentence."
WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 7},
    },
    "required": ["city", "unit", "days"],
    "additionalProperties": False,
}


class Weather(BaseModel):
    city: str
    degrees: float
    days: list[str]


class Skipped(Exception):
    """A call for which this Penstock has not got what it takes."""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    env = os.environ.get
    parser.add_argument("--url", default=env("PENSTOCK_URL", "http://127.0.0.1:8080"), help="of Penstock (%(default)s)")
    parser.add_argument("--key", default=env("PENSTOCK_KEY", "any"), help="that Penstock knows, where it asks for keys")
    parser.add_argument("--openai-model", default="gpt-4o-mini", help="%(default)s")
    parser.add_argument("--anthropic-model", default="claude-haiku-4-5", help="%(default)s")
    parser.add_argument("--embedding-model", default="text-embedding-3-small", help="%(default)s")
    parser.add_argument("--plain-provider", action="store_true",
                        help="the address is a provider and not Penstock: its own headers are not asked for")
    return parser.parse_args()


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def needs_key(url):
    """Whether a call without a key is refused for that."""
    request = urllib.request.Request(
        url + "/v1/chat/completions", data=b"{}", headers={"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)
    return False


class OpenAi:
    def __init__(self, args):
        self.args = args
        self.model = args.openai_model
        self.client = openai.OpenAI(base_url=args.url + "/v1", api_key=args.key, max_retries=0, timeout=60)

    def ask(self, text=QUESTION, **more):
        return self.client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": text}], **more)

    def tools(self):
        return [{"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}},
                {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}}]

    def chat(self):
        answer = self.ask(max_completion_tokens=64)
        check(answer.choices[0].message.content, "no content")
        check(answer.choices[0].finish_reason in ("stop", "length"), answer.choices[0].finish_reason)
        usage = answer.usage
        check(usage.prompt_tokens > 0 and usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage)

    def two_choices(self):
        answer = self.ask(n=2, max_completion_tokens=32)
        check([choice.index for choice in answer.choices] == [0, 1], answer.choices)

    def stop_sequence(self):
        text = self.ask("Tell me of the river.").choices[0].message.content
        stop = text[20:26]
        stopped = self.ask("Tell me of the river.", stop=[stop]).choices[0]
        check(stop not in stopped.message.content and stopped.finish_reason == "stop", stopped)

    def streaming(self):
        chunks = list(self.ask(stream=True))
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        check(len(chunks) > 3 and text, f"{len(chunks)} chunks")
        check(chunks[-1].choices and chunks[-1].choices[0].finish_reason, chunks[-1])
        check(all(chunk.usage is None for chunk in chunks), "usage that nobody asked for")

    def streaming_usage(self):
        chunks = list(self.ask(stream=True, stream_options={"include_usage": True}))
        check(chunks[-1].usage and chunks[-1].usage.completion_tokens > 0, chunks[-1])
        check(not chunks[-1].choices, "the chunk with the usage has choices")

    def streaming_is_the_same(self):
        """A stream replays what the plain answer said."""
        plain = self.ask("The same, twice.").choices[0].message.content
        chunks = self.ask("The same, twice.", stream=True)
        check("".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == plain, plain)

    def stream_helper(self):
        with self.client.chat.completions.stream(
                model=self.model, messages=[{"role": "user", "content": QUESTION}]) as stream:
            for _ in stream:
                pass
            check(stream.get_final_completion().choices[0].message.content, "no content")

    def tool_call(self):
        answer = self.ask("Use get_weather.", tools=self.tools(), tool_choice="required").choices[0]
        check(answer.finish_reason == "tool_calls", answer.finish_reason)
        call = answer.message.tool_calls[0]
        given = json.loads(call.function.arguments)
        check(call.function.name == "get_weather" and given["unit"] in ("celsius", "fahrenheit"), given)

    def tool_call_streamed(self):
        name, text, ids, reason = "", "", set(), None
        for chunk in self.ask("Use get_weather.", tools=self.tools(), tool_choice="required", stream=True):
            for choice in chunk.choices:
                reason = choice.finish_reason or reason
                for piece in choice.delta.tool_calls or []:
                    check(piece.index == 0, piece)
                    ids |= {piece.id} - {None}
                    name += piece.function.name or ""
                    text += piece.function.arguments or ""
        check(name == "get_weather" and len(ids) == 1 and json.loads(text)["city"], (name, ids, text))
        check(reason == "tool_calls", reason)

    def parallel_tool_calls(self):
        answer = self.ask("Use get_weather and get_time.", tools=self.tools()).choices[0].message
        check([c.function.name for c in answer.tool_calls] == ["get_weather", "get_time"], answer.tool_calls)

    def tool_result(self):
        called = self.ask("Use get_weather.", tools=self.tools(), tool_choice="required").choices[0].message
        answer = self.client.chat.completions.create(model=self.model, tools=self.tools(), messages=[
            {"role": "user", "content": "Use get_weather."}, called.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": "rain"}])
        check(answer.choices[0].message.content, answer)

    def structured_output(self):
        format = {"type": "json_schema", "json_schema": {"name": "weather", "strict": True, "schema": WEATHER}}
        given = json.loads(self.ask(response_format=format).choices[0].message.content)
        check(set(given) == set(WEATHER["required"]), given)

    def structured_parse(self):
        answer = self.client.chat.completions.parse(
            model=self.model, messages=[{"role": "user", "content": QUESTION}], response_format=Weather)
        check(isinstance(answer.choices[0].message.parsed, Weather), answer)

    def system_and_image(self):
        pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        answer = self.client.chat.completions.create(model=self.model, messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "What is this?"}, {
                "type": "image_url", "image_url": {"url": "data:image/png;base64," + pixel}}]}])
        check(answer.choices[0].message.content, answer)

    def embeddings(self):
        answer = self.client.embeddings.create(model=self.args.embedding_model, input=["dam", "gate"])
        check([item.index for item in answer.data] == [0, 1] and len(answer.data[0].embedding) == 1536, "the vectors")
        check(answer.usage.prompt_tokens > 0, answer.usage)

    def embeddings_short(self):
        answer = self.client.embeddings.create(
            model=self.args.embedding_model, input="dam", dimensions=8, encoding_format="float")
        check(len(answer.data[0].embedding) == 8, len(answer.data[0].embedding))

    def models(self):
        ids = [model.id for model in self.client.models.list()]
        check(self.model in ids and self.args.embedding_model in ids, ids)

    def headers(self):
        if self.args.plain_provider:
            raise Skipped("the address is a provider")
        raw = self.client.chat.completions.with_raw_response.create(
            model=self.model, messages=[{"role": "user", "content": QUESTION}])
        check(raw.parse().choices[0].message.content, "no content")
        ours = sorted(name for name in raw.headers if name.startswith("x-penstock-"))
        for name in ("x-penstock-served-by", "x-penstock-cost"):
            check(name in ours, f"no {name} among {ours}")
        return " ".join(f"{name}={raw.headers[name]}" for name in ours)

    def bad_request(self):
        error = raises(openai.BadRequestError, lambda: self.ask(temperature=9))
        check(error.status_code == 400 and error.type == "invalid_request_error", error.body)

    def no_messages(self):
        raises(openai.BadRequestError, lambda: self.client.chat.completions.create(model=self.model, messages=[]))

    def bad_request_streamed(self):
        raises(openai.BadRequestError, lambda: list(self.ask(temperature=9, stream=True)))

    def unknown_model(self):
        error = raises(openai.NotFoundError, lambda: self.client.chat.completions.create(
            model="no-such-model", messages=[{"role": "user", "content": QUESTION}]))
        check(error.code == "model_not_found", error.body)

    def wrong_key(self):
        if not needs_key(self.args.url):
            raise Skipped("no keys are configured")
        stranger = openai.OpenAI(base_url=self.args.url + "/v1", api_key="sk-nobody", max_retries=0)
        raises(openai.AuthenticationError, lambda: stranger.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": QUESTION}]))

    CALLS = [chat, two_choices, stop_sequence, streaming, streaming_usage, streaming_is_the_same, stream_helper,
             tool_call, tool_call_streamed, parallel_tool_calls, tool_result, structured_output, structured_parse,
             system_and_image, embeddings, embeddings_short, models, headers, bad_request, no_messages,
             bad_request_streamed, unknown_model, wrong_key]


class Anthropic:
    def __init__(self, args):
        self.args = args
        self.model = args.anthropic_model
        self.client = anthropic.Anthropic(base_url=args.url, api_key=args.key, max_retries=0, timeout=60)

    def ask(self, text=QUESTION, max_tokens=512, **more):
        return self.client.messages.create(
            model=self.model, max_tokens=max_tokens, messages=[{"role": "user", "content": text}], **more)

    def tools(self):
        return [{"name": "get_weather", "input_schema": WEATHER}]

    def message(self):
        answer = self.ask(system="Be brief.")
        check(answer.type == "message" and answer.content[0].text, answer)
        check(answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0, answer.usage)

    def cut_by_max_tokens(self):
        answer = self.ask(max_tokens=3)
        check(answer.stop_reason == "max_tokens" and answer.usage.output_tokens == 3, answer)

    def stop_sequence(self):
        text = self.ask("Tell me of the river.").content[0].text
        stopped = self.ask("Tell me of the river.", stop_sequences=[text[20:26]])
        check(stopped.stop_reason == "stop_sequence" and stopped.stop_sequence == text[20:26], stopped)

    def streaming(self):
        events = list(self.ask(stream=True))
        kinds = [event.type for event in events]
        check(kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"], kinds)
        check(events[-2].usage.output_tokens > 0, events[-2])

    def stream_helper(self):
        plain = self.ask("The same, twice.").content[0].text
        with self.client.messages.stream(model=self.model, max_tokens=512, messages=[
                {"role": "user", "content": "The same, twice."}]) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        check(text == final.content[0].text == plain, text)
        check(final.stop_reason == "end_turn", final.stop_reason)

    def tool_use(self):
        answer = self.ask("Use get_weather.", tools=self.tools(), tool_choice={"type": "any"})
        check(answer.stop_reason == "tool_use", answer.stop_reason)
        use = answer.content[-1]
        check(use.name == "get_weather" and 1 <= use.input["days"] <= 7, use)

    def tool_use_streamed(self):
        with self.client.messages.stream(
                model=self.model, max_tokens=512, tools=self.tools(), tool_choice={"type": "any"},
                messages=[{"role": "user", "content": "Use get_weather."}]) as stream:
            kinds = {event.delta.type for event in stream if event.type == "content_block_delta"}
            use = stream.get_final_message().content[-1]
        check("input_json_delta" in kinds and use.input["city"], (kinds, use))

    def tool_result(self):
        called = self.ask("Use get_weather.", tools=self.tools(), tool_choice={"type": "any"})
        result = {"type": "tool_result", "tool_use_id": called.content[-1].id, "content": "rain"}
        answer = self.client.messages.create(model=self.model, max_tokens=512, tools=self.tools(), messages=[
            {"role": "user", "content": "Use get_weather."},
            {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in called.content]},
            {"role": "user", "content": [result]}])
        check(answer.content[0].text, answer)

    def structured_output(self):
        answer = self.ask(output_config={"format": {"type": "json_schema", "schema": WEATHER}})
        check(set(json.loads(answer.content[0].text)) == set(WEATHER["required"]), answer)

    def structured_parse(self):
        answer = self.client.messages.parse(
            model=self.model, max_tokens=512, messages=[{"role": "user", "content": QUESTION}], output_format=Weather)
        check(isinstance(answer.parsed_output, Weather), answer)

    def thinking(self):
        answer = self.ask(max_tokens=4000, thinking={"type": "enabled", "budget_tokens": 1024})
        check(answer.content[0].type == "thinking" and answer.content[0].signature, answer)

    def thinking_streamed(self):
        with self.client.messages.stream(
                model=self.model, max_tokens=4000, thinking={"type": "enabled", "budget_tokens": 1024},
                messages=[{"role": "user", "content": QUESTION}]) as stream:
            kinds = {event.delta.type for event in stream if event.type == "content_block_delta"}
        check({"thinking_delta", "signature_delta", "text_delta"} <= kinds, kinds)

    def headers(self):
        if self.args.plain_provider:
            raise Skipped("the address is a provider")
        raw = self.client.messages.with_raw_response.create(
            model=self.model, max_tokens=512, messages=[{"role": "user", "content": QUESTION}])
        check(raw.parse().content[0].text, "no content")
        ours = sorted(name for name in raw.headers if name.startswith("x-penstock-"))
        for name in ("x-penstock-served-by", "x-penstock-cost"):
            check(name in ours, f"no {name} among {ours}")

    def bad_request(self):
        error = raises(anthropic.BadRequestError, lambda: self.ask(extra_body={"temperature": 9}))
        check(error.body["error"]["type"] == "invalid_request_error", error.body)

    def bad_request_streamed(self):
        raises(anthropic.BadRequestError, lambda: list(self.ask(extra_body={"temperature": 9}, stream=True)))

    def unknown_model(self):
        error = raises(anthropic.NotFoundError, lambda: self.client.messages.create(
            model="no-such-model", max_tokens=9, messages=[{"role": "user", "content": QUESTION}]))
        check(error.body["error"]["type"] == "not_found_error", error.body)

    def wrong_key(self):
        if not needs_key(self.args.url):
            raise Skipped("no keys are configured")
        stranger = anthropic.Anthropic(base_url=self.args.url, api_key="sk-nobody", max_retries=0)
        raises(anthropic.AuthenticationError, lambda: stranger.messages.create(
            model=self.model, max_tokens=9, messages=[{"role": "user", "content": QUESTION}]))

    CALLS = [message, cut_by_max_tokens, stop_sequence, streaming, stream_helper, tool_use, tool_use_streamed,
             tool_result, structured_output, structured_parse, thinking, thinking_streamed, headers, bad_request,
             bad_request_streamed, unknown_model, wrong_key]


def run(name, sdk):
    failed = []
    for call in sdk.CALLS:
        row = f"{name:<18} {call.__name__.replace('_', ' '):<24} "
        try:
            print(row + f"pass  {call(sdk) or ''}".rstrip())
        except Skipped as reason:
            print(row + f"skip  {reason}")
        except Exception as error:  # Whatever it is, the call did not pass, and the others are still tried.
            print(row + f"FAIL  {type(error).__name__}: {error}"[:300])
            failed.append((row, traceback.format_exc()))
    return failed


def main():
    args = arguments()
    args.url = args.url.rstrip("/")
    try:
        urllib.request.urlopen(args.url + "/v1/models", timeout=10).close()
    except urllib.error.HTTPError:
        pass  # It answers; the calls below say what they think of that.
    except OSError as error:
        print(f"nothing answers at {args.url}: {error}; start ./penstock up, or give --url", file=sys.stderr)
        return 2
    failed = run(f"openai {openai.__version__}", OpenAi(args))
    failed += run(f"anthropic {anthropic.__version__}", Anthropic(args))
    for row, trace in failed:
        print(f"\n{row.strip()}\n{trace}", file=sys.stderr)
    print(f"{len(OpenAi.CALLS) + len(Anthropic.CALLS)} calls, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
