/** Which models may answer a request. */
@NullMarked
package io.penstock.policies.route;

import org.jspecify.annotations.NullMarked;
