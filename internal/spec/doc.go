// Package spec trims Twilio's full OpenAPI document to the two operations of
// the Payments resource, and records where the full document came from.
//
// # Facts only
//
// Everything that reaches the output is on a whitelist: paths, methods,
// operation ids, parameters, property names, types, formats, enums, patterns,
// bounds, required lists, security, servers, statuses and media types.
// Descriptions, titles, summaries, tags, examples, response headers, links and
// every x- extension are known and left out. A keyword on neither list is an error
// that names it and its location: a person must decide about an unknown
// constraint, so that it is not lost.
//
// # One shape
//
// Twilio has published the same two operations in several forms over the years.
// All of them are trimmed to the same form:
//
//   - the operations are found by operationId, else by method and path, and are
//     called CreatePayments and UpdatePayments;
//   - request schemas are in components.schemas as CreatePaymentsRequest and
//     UpdatePaymentsRequest, and a string enum written inline in one of their
//     properties as payments_enum_<property_in_snake_case>;
//   - a $ref has no siblings (OpenAPI 3.0 ignores them), and only schemas are
//     referenced: references to parameters, bodies, responses and security
//     schemes are resolved in place;
//   - an allOf around a single $ref, and the parameters of a media type, are
//     removed;
//   - parameters of a path and the security of the document move to the
//     operations they apply to; servers stay where they are;
//   - only components that the two operations refer to are kept.
//
// The output has sorted keys, so equal facts are equal bytes, and trimming a
// trimmed document changes nothing. Lists keep their order: the names of the
// generated enum constants depend on it.
package spec
