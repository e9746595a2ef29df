//go:build !race

package identity_test

const stride = 1
