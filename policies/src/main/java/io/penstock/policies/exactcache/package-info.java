/** Which answers are kept, and how long they are fresh. */
@NullMarked
package io.penstock.policies.exactcache;

import org.jspecify.annotations.NullMarked;
