"""The official Python client of OpenAI's API against a running server.

Environment: SEKISHO_URL, SEKISHO_KEY, SEKISHO_BOUND_KEY (a key bound to a shelf with 一時預かり事業実施要綱.txt).
"""
import json
import os
import unittest

import openai
from pydantic import BaseModel

BASE = os.environ["SEKISHO_URL"] + "/v1"
CLIENT = openai.OpenAI(base_url=BASE, api_key=os.environ["SEKISHO_KEY"], max_retries=0, timeout=300)
BOUND = openai.OpenAI(base_url=BASE, api_key=os.environ["SEKISHO_BOUND_KEY"], max_retries=0, timeout=300)
MODEL = next(iter(CLIENT.models.list())).id
CAPITAL = [{"role": "system", "content": "短く答えます。"}, {"role": "user", "content": "日本の首都はどこですか。"}]
FEES = [{"role": "user", "content": "一時預かりの利用料は1日いくらですか。"}]
WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "町の天気を調べる",
    "parameters": {"type": "object", "properties": {"town": {"type": "string"}, "days": {"type": "integer"}}, "required": ["town", "days"], "additionalProperties": False}}}
CLOSING = {"type": "function", "function": {"name": "close_office", "description": "窓口を閉める", "parameters": {"type": "object", "properties": {}}}}


def chat(client=CLIENT, messages=CAPITAL, **more):
    return client.chat.completions.create(model=MODEL, messages=messages, **{"temperature": 0, "max_tokens": 60, **more})


class Models(unittest.TestCase):
    def test_lists_and_shows_the_model(self):
        self.assertEqual(CLIENT.models.retrieve(MODEL).id, MODEL)
        self.assertEqual(CLIENT.models.retrieve(MODEL).object, "model")
        with self.assertRaises(openai.NotFoundError):
            CLIENT.models.retrieve("gpt-4o")


class Chat(unittest.TestCase):
    def test_answers_whole(self):
        answer = chat()
        self.assertEqual(answer.object, "chat.completion")
        self.assertEqual(answer.choices[0].message.role, "assistant")
        self.assertTrue(answer.choices[0].message.content)
        self.assertEqual(answer.choices[0].finish_reason, "stop")
        self.assertGreater(answer.usage.prompt_tokens, 5)
        self.assertEqual(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens)
        self.assertTrue(answer.system_fingerprint)

    def test_streams_the_same_words(self):
        chunks = list(chat(stream=True, stream_options={"include_usage": True}))
        self.assertEqual(chunks[0].choices[0].delta.role, "assistant")
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(text, chat().choices[0].message.content)
        self.assertEqual([chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1], "stop")
        self.assertEqual(chunks[-1].choices, [])
        self.assertEqual(chunks[-1].usage.completion_tokens, chat().usage.completion_tokens)
        self.assertEqual(len({chunk.id for chunk in chunks}), 1)

    def test_streams_without_usage_unless_asked(self):
        self.assertTrue(all(chunk.usage is None for chunk in chat(stream=True, max_tokens=4)))

    def test_says_the_same_at_temperature_0_and_with_a_seed(self):
        self.assertEqual(chat().choices[0].message.content, chat().choices[0].message.content)
        story = [{"role": "user", "content": "架空の町の名前を一つ、理由とともに考えてください。"}]
        wild = {"messages": story, "temperature": 1.2, "top_p": 1, "max_tokens": 10}
        self.assertEqual(chat(**wild, seed=11).choices[0].message.content, chat(**wild, seed=11).choices[0].message.content)
        self.assertGreater(len({chat(**wild, seed=seed).choices[0].message.content for seed in range(4)}), 1)

    def test_stops_before_a_text(self):
        whole = chat(messages=[{"role": "user", "content": "「あいうえおかきくけこ」とだけ書いてください。"}]).choices[0].message.content
        self.assertGreater(len(whole), 4)
        stop = whole[3]
        answer = chat(messages=[{"role": "user", "content": "「あいうえおかきくけこ」とだけ書いてください。"}], stop=["∮", stop])
        self.assertEqual(answer.choices[0].message.content, whole[:whole.index(stop)])
        self.assertEqual(answer.choices[0].finish_reason, "stop")

    def test_cuts_at_max_tokens(self):
        for name in ("max_tokens", "max_completion_tokens"):
            answer = CLIENT.chat.completions.create(model=MODEL, temperature=0, messages=[{"role": "user", "content": "町の歴史を長く書いてください。"}], **{name: 5})
            self.assertEqual(answer.choices[0].finish_reason, "length")
            self.assertEqual(answer.usage.completion_tokens, 5)

    def test_gives_two_choices(self):
        answer = chat(n=2, temperature=1, max_tokens=12)
        self.assertEqual([choice.index for choice in answer.choices], [0, 1])
        self.assertTrue(all(choice.message.content for choice in answer.choices))
        self.assertEqual(answer.usage.prompt_tokens, chat().usage.prompt_tokens)
        indices = {chunk.choices[0].index for chunk in chat(n=2, max_tokens=4, stream=True)}
        self.assertEqual(indices, {0, 1})

    def test_gives_log_probabilities(self):
        answer = chat(logprobs=True)
        tokens = answer.choices[0].logprobs.content
        self.assertEqual("".join(token.token for token in tokens), answer.choices[0].message.content)
        self.assertTrue(all(token.logprob <= 0 and bytes(token.bytes).decode() == token.token for token in tokens))

    def test_reads_parts_and_every_role(self):
        answer = chat(messages=[{"role": "developer", "content": "短く。"}, {"role": "user", "content": [{"type": "text", "text": "1足す1は"}, {"type": "text", "text": "いくつですか。"}]},
                                {"role": "assistant", "content": "2です。"}, {"role": "user", "content": "では2足す2は。"}])
        self.assertTrue(answer.choices[0].message.content)

    def test_a_client_that_leaves_a_stream_disturbs_nobody(self):
        stream = chat(stream=True, messages=[{"role": "user", "content": "長い物語を書いてください。"}], max_tokens=400)
        next(iter(stream))
        stream.close()
        self.assertTrue(chat().choices[0].message.content)

    def test_the_second_question_reads_the_first_from_memory(self):
        talk = [{"role": "system", "content": "あなたは役場の助手です。" * 20}, {"role": "user", "content": "おはようございます。"}]
        first = chat(messages=talk, max_tokens=8)
        second = chat(messages=talk + [{"role": "assistant", "content": first.choices[0].message.content}, {"role": "user", "content": "ありがとう。"}], max_tokens=8)
        self.assertGreater(second.usage.prompt_tokens_details.cached_tokens, 50)


class Structured(unittest.TestCase):
    def test_parses_into_a_class(self):
        class Facility(BaseModel):
            name: str
            capacity: int
            open_on_sunday: bool
        answer = CLIENT.chat.completions.parse(model=MODEL, temperature=0, max_tokens=120, response_format=Facility,
                                               messages=[{"role": "user", "content": "中央公民館の定員は200人で、日曜も開いています。これを書き出してください。"}])
        facility = answer.choices[0].message.parsed
        self.assertIsInstance(facility, Facility)
        self.assertEqual(facility.capacity, 200)

    def test_gives_any_object(self):
        answer = chat(messages=[{"role": "user", "content": "町名「霧ヶ原」と人口8200人をJSONで書いてください。"}], response_format={"type": "json_object"}, max_tokens=120)
        self.assertIsInstance(json.loads(answer.choices[0].message.content), dict)

    def test_refuses_a_schema_that_is_none(self):
        with self.assertRaises(openai.BadRequestError):
            chat(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "nonsense"}}})


class Tools(unittest.TestCase):
    QUESTION = [{"role": "user", "content": "霧ヶ原町の3日間の天気を調べてください。"}]

    def held(self, call):
        self.assertEqual(call.type, "function")
        arguments = json.loads(call.function.arguments)
        self.assertEqual(set(arguments), {"town", "days"})
        self.assertIsInstance(arguments["days"], int)
        return arguments

    def test_calls_the_named_function(self):
        answer = chat(messages=self.QUESTION, tools=[WEATHER, CLOSING], tool_choice={"type": "function", "function": {"name": "get_weather"}})
        message = answer.choices[0].message
        self.assertEqual(message.tool_calls[0].function.name, "get_weather")
        self.assertIn("霧ヶ原", self.held(message.tool_calls[0])["town"])
        self.assertEqual(answer.choices[0].finish_reason, "tool_calls")

    def test_must_call_one_when_required(self):
        answer = chat(messages=self.QUESTION, tools=[WEATHER, CLOSING], tool_choice="required")
        self.assertIn(answer.choices[0].message.tool_calls[0].function.name, ("get_weather", "close_office"))

    def test_streams_a_call(self):
        calls = [call for chunk in chat(messages=self.QUESTION, tools=[WEATHER], tool_choice="required", stream=True) for call in chunk.choices[0].delta.tool_calls or []]
        self.assertEqual(calls[0].index, 0)
        self.assertTrue(calls[0].id)
        self.held(calls[0])

    def test_chooses_by_itself_between_a_call_and_words(self):
        answer = chat(messages=self.QUESTION, tools=[WEATHER])
        message = answer.choices[0].message
        if message.tool_calls:
            self.assertEqual(answer.choices[0].finish_reason, "tool_calls")
            self.held(message.tool_calls[0])
        else:
            self.assertTrue(message.content)

    def test_calls_nothing_when_told_so(self):
        self.assertIsNone(chat(messages=self.QUESTION, tools=[WEATHER], tool_choice="none").choices[0].message.tool_calls)

    def test_answers_from_what_a_tool_said(self):
        call = chat(messages=self.QUESTION, tools=[WEATHER], tool_choice="required").choices[0].message
        answer = chat(messages=self.QUESTION + [call, {"role": "tool", "tool_call_id": call.tool_calls[0].id, "content": "3日間とも雪です。"}], tools=[WEATHER], tool_choice="none")
        self.assertIn("雪", answer.choices[0].message.content)


class Errors(unittest.TestCase):
    def refused(self, kind, words, **more):
        with self.assertRaises(kind) as caught:
            chat(**more)
        self.assertIn(words, str(caught.exception))
        return caught.exception

    def test_a_wrong_key(self):
        with self.assertRaises(openai.AuthenticationError) as caught:
            chat(openai.OpenAI(base_url=BASE, api_key="sk-sekisho-wrong", max_retries=0))
        self.assertEqual(caught.exception.code, "invalid_api_key")

    def test_a_model_that_is_not_there(self):
        with self.assertRaises(openai.NotFoundError):
            CLIENT.chat.completions.create(model="gpt-4o", messages=CAPITAL)

    def test_parameters_are_named(self):
        self.assertEqual(self.refused(openai.BadRequestError, "temperature", temperature=3).param, "temperature")
        self.assertEqual(self.refused(openai.BadRequestError, "frequency_penalty", frequency_penalty=1).param, "frequency_penalty")
        self.assertEqual(self.refused(openai.BadRequestError, "n", n=9).param, "n")
        self.assertEqual(self.refused(openai.BadRequestError, "top_k", extra_body={"top_k": 40}).param, "top_k")
        self.refused(openai.BadRequestError, "image_url", messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}]}])

    def test_what_does_not_fit_says_so(self):
        long = [{"role": "user", "content": "予算の執行について検討した。" * 3000}]
        error = self.refused(openai.BadRequestError, "context", messages=long)
        self.assertEqual(error.code, "context_length_exceeded")
        with self.assertRaises(openai.APIError):
            list(chat(messages=long, stream=True))

    def test_what_is_not_here_is_not_found(self):
        with self.assertRaises(openai.NotFoundError):
            CLIENT.responses.create(model=MODEL, input="a")

    def test_harmless_parameters_are_taken(self):
        self.assertTrue(chat(user="u", metadata={"a": "b"}, store=False, presence_penalty=0, max_tokens=4).choices)


class OtherAnswers(unittest.TestCase):
    def test_completes_a_text(self):
        answer = CLIENT.completions.create(model=MODEL, prompt=["昔々、あるところに", "def add(a, b):\n    return"], max_tokens=6, temperature=0)
        self.assertEqual(len(answer.choices), 2)
        self.assertTrue(answer.choices[0].text)
        chunks = list(CLIENT.completions.create(model=MODEL, prompt="昔々、あるところに", max_tokens=6, temperature=0, stream=True))
        self.assertEqual("".join(chunk.choices[0].text for chunk in chunks), answer.choices[0].text)
        with self.assertRaises(openai.BadRequestError):
            CLIENT.completions.create(model=MODEL, prompt="a", echo=True)

    def test_says_that_no_embedding_model_is_loaded(self):
        if len(list(CLIENT.models.list())) > 1:
            self.skipTest("an embedding model is loaded")
        with self.assertRaises(openai.BadRequestError) as caught:
            CLIENT.embeddings.create(model=MODEL, input="予算")
        self.assertIn("no embedding model", str(caught.exception))


class BoundKey(unittest.TestCase):
    def cited(self, sekisho):
        self.assertEqual(sekisho["sources"][0]["document_name"], "一時預かり事業実施要綱.txt")
        self.assertIn("第7条", sekisho["sources"][0]["path"])
        self.assertIn("level", sekisho)
        self.assertTrue(sekisho["claims"] or sekisho["not_found"])

    def test_answers_from_its_shelves_with_sources(self):
        answer = chat(BOUND, FEES)
        self.assertTrue(answer.choices[0].message.content)
        self.cited(answer.model_extra["sekisho"])
        self.assertGreater(answer.usage.prompt_tokens, 0)

    def test_the_last_chunk_has_the_sources(self):
        chunks = list(chat(BOUND, FEES, stream=True, stream_options={"include_usage": True}))
        last = [chunk for chunk in chunks if chunk.choices][-1]
        self.assertEqual(last.choices[0].finish_reason, "stop")
        self.cited(last.model_extra["sekisho"])
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        self.assertEqual(text, chat(BOUND, FEES).choices[0].message.content)
        self.assertGreater(chunks[-1].usage.total_tokens, 0)

    def test_refuses_what_a_sourced_answer_cannot_follow(self):
        for more in ({"tools": [WEATHER]}, {"n": 2}, {"response_format": {"type": "json_object"}}):
            with self.assertRaises(openai.BadRequestError):
                chat(BOUND, FEES, **more)
        with self.assertRaises(openai.BadRequestError):
            BOUND.completions.create(model=MODEL, prompt="a")

    def test_a_key_without_bound_has_no_sources(self):
        self.assertNotIn("sekisho", chat().model_extra or {})


if __name__ == "__main__":
    unittest.main(verbosity=2)
