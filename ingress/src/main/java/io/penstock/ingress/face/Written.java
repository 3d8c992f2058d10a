package io.penstock.ingress.face;

/** A reply as it is sent: an HTTP status and a JSON document. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Written(int status, byte[] body) {}
