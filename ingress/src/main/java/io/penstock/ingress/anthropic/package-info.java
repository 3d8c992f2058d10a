/** Anthropic's messages, read and written. */
@NullMarked
package io.penstock.ingress.anthropic;

import org.jspecify.annotations.NullMarked;
