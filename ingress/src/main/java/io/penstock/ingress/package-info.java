/**
 * HTTP in, HTTP out: parse, submit through the client, await, write. {@link
 * io.penstock.ingress.Ingress} is the way in.
 */
@NullMarked
package io.penstock.ingress;

import org.jspecify.annotations.NullMarked;
