#!/usr/bin/env python3
"""Uses Penstock as any program in another language would: with Kafka, the registry and nothing of ours.

Produces one InferenceRequest without a key, with the schema that the registry holds, and waits for the
InferenceResponse and the CostEvent of that request. Prints both as JSON. Ends with 0 when both came, 1 when not.

    pip install -r infra/checks/requirements.txt
    python infra/checks/python_client.py --bootstrap 127.0.0.1:9092 --registry http://127.0.0.1:8081
"""
import argparse
import json
import pathlib
import sys
import time
import uuid

from confluent_kafka import OFFSET_END, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, SchemaRegistryError
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

HISTORY = pathlib.Path(__file__).resolve().parents[2] / "schemas/src/main/avro-history/InferenceRequest"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bootstrap", required=True, help="Kafka, host:port")
    parser.add_argument("--registry", required=True, help="schema registry, a URL")
    parser.add_argument("--prefix", default="penstock.", help="of the topics (%(default)s)")
    parser.add_argument("--lane", default="standard", choices=["express", "standard", "batch"])
    parser.add_argument("--prompt", default="Why is the sky blue? Answer in one sentence.")
    parser.add_argument("--model", default="auto")
    parser.add_argument("--tenant", default="default")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds (%(default)s)")
    return parser.parse_args()


def request_schema(registry, subject):
    """The schema in the registry, or else the newest published one, which is then registered."""
    try:
        return registry.get_latest_version(subject).schema
    except SchemaRegistryError as error:
        if error.http_status_code != 404:
            raise
    newest = max(HISTORY.glob("*.avsc"), key=lambda file: int(file.stem))
    schema = Schema(newest.read_text(encoding="utf-8"), "AVRO")
    registry.register_schema(subject, schema)
    print(f"registered {newest.name} of InferenceRequest as {subject}", file=sys.stderr)
    return schema


def from_now_on(consumer, topics):
    """Assigns every partition at its present end, so that what is produced next will be seen."""
    partitions = []
    for topic in topics:
        metadata = consumer.list_topics(topic, timeout=10).topics[topic]
        if metadata.error is not None:
            raise SystemExit(f"topic {topic}: {metadata.error}; is this the broker of Penstock?")
        for number in metadata.partitions:
            _, end = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
            partitions.append(TopicPartition(topic, number, end if end >= 0 else OFFSET_END))
    consumer.assign(partitions)


def produce(bootstrap, topic, value):
    failures = []
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
    producer.produce(topic, value=value, on_delivery=lambda error, _: error and failures.append(error))
    if producer.flush(10) > 0 or failures:
        raise SystemExit(f"the request was not accepted: {failures or 'no answer from Kafka'}")


def await_both(consumer, decode, wanted, seconds):
    """The records that match, by topic; fewer than wanted when the time is over."""
    found = {}
    deadline = time.monotonic() + seconds
    while len(found) < len(wanted) and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is None:
            continue
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                print(message.error(), file=sys.stderr)
            continue
        topic = message.topic()
        record = decode(message.value(), SerializationContext(topic, MessageField.VALUE))
        if wanted[topic](record):
            found[topic] = record
    return found


def main():
    args = arguments()
    requests = f"{args.prefix}requests.{args.lane}"
    responses, billing = f"{args.prefix}responses", f"{args.prefix}billing"

    registry = SchemaRegistryClient({"url": args.registry})
    schema = request_schema(registry, f"{requests}-value")
    encode = AvroSerializer(registry, schema, conf={"auto.register.schemas": False})
    request = {
        "id": str(uuid.uuid4()),
        "tenant": args.tenant,
        "model": args.model,
        "messages": [{"role": "user", "content": args.prompt}],
        "maxTokens": 64,
        "metadata": {"client": "python"},
    }
    value = encode(request, SerializationContext(requests, MessageField.VALUE))

    consumer = Consumer({"bootstrap.servers": args.bootstrap, "group.id": f"check-{request['id']}",
                         "enable.auto.commit": False})
    try:
        from_now_on(consumer, [responses, billing])
        produce(args.bootstrap, requests, value)
        print(f"request {request['id']} produced to {requests} without a key", file=sys.stderr)
        found = await_both(
            consumer,
            AvroDeserializer(registry),
            {responses: lambda r: r["id"] == request["id"], billing: lambda e: e["requestId"] == request["id"]},
            args.timeout)
    finally:
        consumer.close()

    for topic in (responses, billing):
        print(json.dumps({topic: found.get(topic)}, indent=2, default=str, ensure_ascii=False))
    missing = [topic for topic in (responses, billing) if topic not in found]
    if missing:
        print(f"nothing on {' and '.join(missing)} within {args.timeout:g} s", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
