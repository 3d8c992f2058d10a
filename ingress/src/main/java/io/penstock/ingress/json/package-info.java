/** JSON in and out, read and written by hand: strict on what comes in, lean on the request path. */
@NullMarked
package io.penstock.ingress.json;

import org.jspecify.annotations.NullMarked;
