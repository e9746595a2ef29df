// Package harvest learns UnionIDs and openids beside the logins, so that people are
// known when they come: from the list of an official account's followers, from WeChat's
// answer after a payment, and from the mapping that an account migration leaves.
//
// The list and the mapping are long. Each run does a part, at WeChat's pace, and saves
// how far it has come; the next run, in whichever process, goes on there. Learning
// something twice changes nothing, so a lost step costs nothing but the step.
package harvest
