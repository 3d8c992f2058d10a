/** One dispatch in flight per fingerprint: who leads, who follows, what a crash may repeat. */
@NullMarked
package io.penstock.policies.coalesce;

import org.jspecify.annotations.NullMarked;
