#!/usr/bin/env node
// Calls a running Penstock with the official Node SDKs of OpenAI and Anthropic, unmodified.
//
// Prints a table of the calls and whether they passed. Ends with 0 when all did, 1 when one did not, 2 when
// nothing answers at the address or the SDKs are not installed.
//
//     npm install --no-package-lock --prefix infra/checks/sdk
//     node infra/checks/sdk/sdks.mjs --url http://127.0.0.1:8080
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** An SDK, or the end with a message where it is not installed. */
async function sdk(name) {
  try {
    return (await import(name)).default;
  } catch (error) {
    console.error(`skipped, ${name} is not here (${error.code}): npm install --no-package-lock --prefix infra/checks/sdk`);
    process.exit(2);
  }
}

const Anthropic = await sdk('@anthropic-ai/sdk');
const OpenAI = await sdk('openai');

const env = process.env;
const { values: args } = parseArgs({
  options: {
    url: { type: 'string', default: env.PENSTOCK_URL ?? 'http://127.0.0.1:8080' },
    key: { type: 'string', default: env.PENSTOCK_KEY ?? 'any' },
    'openai-model': { type: 'string', default: 'gpt-4o-mini' },
    'anthropic-model': { type: 'string', default: 'claude-haiku-4-5' },
    'embedding-model': { type: 'string', default: 'text-embedding-3-small' },
    'plain-provider': { type: 'boolean', default: false },
  },
});
const url = args.url.replace(/\/+$/, '');
const QUESTION = 'Who turns the wheel? Answer in one sentence.';
const WEATHER = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
    days: { type: 'integer', minimum: 1, maximum: 7 },
  },
  required: ['city', 'unit', 'days'],
  additionalProperties: false,
};

class Skipped extends Error {}

async function collect(stream) {
  const all = [];
  for await (const one of stream) all.push(one);
  return all;
}

async function penstockHeaders(call) {
  if (args['plain-provider']) throw new Skipped('the address is a provider');
  const { response } = await call.withResponse();
  for (const name of ['x-penstock-served-by', 'x-penstock-cost']) {
    assert.ok(response.headers.has(name), `no ${name}`);
  }
}

function openaiCalls() {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: args.key, maxRetries: 0, timeout: 60_000 });
  const model = args['openai-model'];
  const completions = client.chat.completions;
  const asking = (content, more = {}) => ({ model, messages: [{ role: 'user', content }], ...more });
  const tools = [
    { type: 'function', function: { name: 'get_weather', parameters: WEATHER } },
    { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: {} } } },
  ];
  const text = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
  return {
    chat: async () => {
      const { choices, usage } = await completions.create(asking(QUESTION));
      assert.ok(choices[0].message.content);
      assert.equal(choices[0].finish_reason, 'stop');
      assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    },
    'two choices': async () => {
      const { choices } = await completions.create(asking(QUESTION, { n: 2 }));
      assert.deepEqual(choices.map((choice) => choice.index), [0, 1]);
    },
    streaming: async () => {
      const chunks = await collect(await completions.create(asking(QUESTION, { stream: true })));
      assert.ok(text(chunks));
      assert.ok(chunks.every((chunk) => !chunk.usage), 'usage that nobody asked for');
      assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    },
    'streaming usage': async () => {
      const more = { stream: true, stream_options: { include_usage: true } };
      const last = (await collect(await completions.create(asking(QUESTION, more)))).at(-1);
      assert.ok(last.usage.completion_tokens > 0);
      assert.deepEqual(last.choices, []);
    },
    'streaming is the same': async () => {
      const plain = await completions.create(asking('The same, twice.'));
      const chunks = await collect(await completions.create(asking('The same, twice.', { stream: true })));
      assert.equal(text(chunks), plain.choices[0].message.content);
    },
    'stream left early': async () => {
      const stream = await completions.create(asking('Tell me of the river.', { stream: true }));
      for await (const chunk of stream) if (chunk.choices[0].delta.content) break;
      assert.ok(stream.controller.signal.aborted);
    },
    'stream helper': async () => {
      const { choices } = await completions.stream(asking(QUESTION)).finalChatCompletion();
      assert.ok(choices[0].message.content);
    },
    'tool call': async () => {
      const { choices } = await completions.create(asking('Use get_weather.', { tools, tool_choice: 'required' }));
      assert.equal(choices[0].finish_reason, 'tool_calls');
      assert.ok(JSON.parse(choices[0].message.tool_calls[0].function.arguments).city);
    },
    'tool call streamed': async () => {
      const stream = completions.stream(asking('Use get_weather.', { tools, tool_choice: 'required' }));
      const { choices } = await stream.finalChatCompletion();
      assert.equal(choices[0].message.tool_calls[0].function.name, 'get_weather');
      assert.ok(JSON.parse(choices[0].message.tool_calls[0].function.arguments).city);
    },
    'parallel tool calls': async () => {
      const { choices } = await completions.create(asking('Use get_weather and get_time.', { tools }));
      assert.deepEqual(choices[0].message.tool_calls.map((c) => c.function.name), ['get_weather', 'get_time']);
    },
    'tool result': async () => {
      const first = await completions.create(asking('Use get_weather.', { tools, tool_choice: 'required' }));
      const { message } = first.choices[0];
      const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'rain' };
      const messages = [{ role: 'user', content: 'Use get_weather.' }, message, result];
      assert.ok((await completions.create({ model, messages, tools })).choices[0].message.content);
    },
    'structured output': async () => {
      const json_schema = { name: 'weather', strict: true, schema: WEATHER };
      const more = { response_format: { type: 'json_schema', json_schema } };
      const { choices } = await completions.create(asking(QUESTION, more));
      assert.deepEqual(Object.keys(JSON.parse(choices[0].message.content)).sort(), [...WEATHER.required].sort());
    },
    'structured parse': async () => {
      const json_schema = { name: 'weather', strict: true, schema: WEATHER };
      const more = { response_format: { type: 'json_schema', json_schema } };
      const { choices } = await completions.parse(asking(QUESTION, more));
      assert.ok(choices[0].message.parsed.city);
    },
    embeddings: async () => {
      const { data, usage } = await client.embeddings.create({ model: args['embedding-model'], input: ['dam', 'gate'] });
      assert.deepEqual(data.map((item) => item.embedding.length), [1536, 1536]);
      assert.ok(usage.prompt_tokens > 0);
    },
    models: async () => {
      const ids = (await collect(client.models.list())).map((one) => one.id);
      assert.ok(ids.includes(model) && ids.includes(args['embedding-model']));
    },
    headers: () => penstockHeaders(completions.create(asking(QUESTION))),
    'bad request': () =>
      assert.rejects(completions.create(asking(QUESTION, { temperature: 9 })), OpenAI.BadRequestError),
    'bad request streamed': () =>
      assert.rejects(
        async () => collect(await completions.create(asking(QUESTION, { temperature: 9, stream: true }))),
        OpenAI.BadRequestError),
    'unknown model': () =>
      assert.rejects(completions.create({ ...asking(QUESTION), model: 'no-such-model' }), (error) => {
        assert.ok(error instanceof OpenAI.NotFoundError);
        assert.equal(error.code, 'model_not_found');
        return true;
      }),
    'wrong key': async () => {
      await needsKey();
      const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-nobody', maxRetries: 0 });
      await assert.rejects(stranger.chat.completions.create(asking(QUESTION)), OpenAI.AuthenticationError);
    },
  };
}

function anthropicCalls() {
  const client = new Anthropic({ baseURL: url, apiKey: args.key, maxRetries: 0, timeout: 60_000 });
  const model = args['anthropic-model'];
  const asking = (content, more = {}) => ({ model, max_tokens: 512, messages: [{ role: 'user', content }], ...more });
  const forced = { tools: [{ name: 'get_weather', input_schema: WEATHER }], tool_choice: { type: 'any' } };
  return {
    message: async () => {
      const message = await client.messages.create(asking(QUESTION, { system: 'Be brief.' }));
      assert.ok(message.content[0].text);
      assert.equal(message.stop_reason, 'end_turn');
      assert.ok(message.usage.output_tokens > 0);
    },
    streaming: async () => {
      const events = await collect(await client.messages.create(asking(QUESTION, { stream: true })));
      assert.equal(events[0].type, 'message_start');
      assert.equal(events.at(-1).type, 'message_stop');
      assert.ok(events.at(-2).usage.output_tokens > 0);
    },
    'stream helper': async () => {
      const plain = await client.messages.create(asking('The same, twice.'));
      const message = await client.messages.stream(asking('The same, twice.')).finalMessage();
      assert.deepEqual(message.content.map((block) => block.text), plain.content.map((block) => block.text));
    },
    'tool use': async () => {
      const message = await client.messages.create(asking('Use get_weather.', forced));
      assert.equal(message.stop_reason, 'tool_use');
      assert.ok(message.content.at(-1).input.city);
    },
    'tool use streamed': async () => {
      const message = await client.messages.stream(asking('Use get_weather.', forced)).finalMessage();
      assert.equal(message.stop_reason, 'tool_use');
      assert.ok(message.content.at(-1).input.city);
    },
    'tool result': async () => {
      const { content } = await client.messages.create(asking('Use get_weather.', forced));
      const result = { type: 'tool_result', tool_use_id: content.at(-1).id, content: 'rain' };
      const messages = [
        { role: 'user', content: 'Use get_weather.' },
        { role: 'assistant', content },
        { role: 'user', content: [result] },
      ];
      const message = await client.messages.create({ model, max_tokens: 512, tools: forced.tools, messages });
      assert.ok(message.content[0].text);
    },
    'structured output': async () => {
      const output_config = { format: { type: 'json_schema', schema: WEATHER } };
      const message = await client.messages.create(asking(QUESTION, { output_config }));
      assert.ok(JSON.parse(message.content[0].text).city);
    },
    'thinking streamed': async () => {
      const more = { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1024 } };
      const message = await client.messages.stream(asking(QUESTION, more)).finalMessage();
      assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text']);
      assert.ok(message.content[0].signature);
    },
    headers: () => penstockHeaders(client.messages.create(asking(QUESTION))),
    'bad request': () =>
      assert.rejects(client.messages.create(asking(QUESTION, { temperature: 9 })), Anthropic.BadRequestError),
    'unknown model': () =>
      assert.rejects(client.messages.create({ ...asking(QUESTION), model: 'no-such-model' }), Anthropic.NotFoundError),
    'wrong key': async () => {
      await needsKey();
      const stranger = new Anthropic({ baseURL: url, apiKey: 'sk-nobody', maxRetries: 0 });
      await assert.rejects(stranger.messages.create(asking(QUESTION)), Anthropic.AuthenticationError);
    },
  };
}

async function needsKey() {
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: '{}' });
  if (status !== 401 && status !== 403) throw new Skipped('no keys are configured');
}

async function run(name, calls) {
  let failed = 0;
  for (const [call, go] of Object.entries(calls)) {
    const row = `${name.padEnd(26)} ${call.padEnd(24)} `;
    try {
      await go();
      console.log(`${row}pass`);
    } catch (error) {
      if (error instanceof Skipped) {
        console.log(`${row}skip  ${error.message}`);
      } else {
        failed += 1;
        console.log(`${row}FAIL  ${error.name}: ${String(error.message).split('\n')[0].slice(0, 200)}`);
        console.error(error);
      }
    }
  }
  return failed;
}

/** The versions that package.json asks for. */
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

try {
  await fetch(`${url}/v1/models`);
} catch (error) {
  console.error(`nothing answers at ${url}: ${error.cause?.message ?? error}; start ./penstock up, or give --url`);
  process.exit(2);
}
const openai = openaiCalls();
const anthropic = anthropicCalls();
const failed =
  (await run(`openai ${dependencies.openai}`, openai)) +
  (await run(`@anthropic-ai/sdk ${dependencies['@anthropic-ai/sdk']}`, anthropic));
console.log(`${Object.keys(openai).length + Object.keys(anthropic).length} calls, ${failed} failed`);
process.exit(failed ? 1 : 0);
