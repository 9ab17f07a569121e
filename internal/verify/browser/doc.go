// Package browser opens the page of api/paymentstest/console in Chromium and
// plays payments on it as people do: by mouse, by keyboard alone, on a small
// screen, in two tabs, over a connection that breaks. It looks for violations of
// accessibility with axe-core, for secrets in everything the page receives, and
// for script that an application's values smuggle in. It has a module of its own,
// so that nobody downloads a driver of browsers to verify the rest.
//
// The tests need Chromium (the Debian package chromium, or CHROMIUM), Node and,
// for axe-core, "npm ci --ignore-scripts" in this directory. Without them they are
// skipped; with REQUIRE_ALL=1 that is a failure.
package browser
