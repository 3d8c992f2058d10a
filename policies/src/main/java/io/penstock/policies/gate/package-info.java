/** The gate before the batch lane: how fast a backlog may enter the flow that express uses, too. */
@NullMarked
package io.penstock.policies.gate;

import org.jspecify.annotations.NullMarked;
