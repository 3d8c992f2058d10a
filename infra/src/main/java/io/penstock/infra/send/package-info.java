/** Sends prompts from files to a running ingress and tells what became of them. */
@NullMarked
package io.penstock.infra.send;

import org.jspecify.annotations.NullMarked;
