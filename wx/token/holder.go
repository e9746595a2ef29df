package token

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"wxhub/model"
)

// A program that uses the drop-in face is handed the real token, and shows it again
// with every call that it wants forwarded. That token may have been replaced
// meanwhile, and the program cannot know; so what is remembered is to whom a token
// was handed, not only which one is current.

// holderTTL outlives every token that WeChat gives (two hours).
const holderTTL = 3 * time.Hour

// Hand returns a token and remembers to whom it was handed if it is an access token:
// a ticket, which ends up in the hands of many, opens nothing here.
//
// Errors: as for Token, and model.ErrUnavailable.
func (k *Keeper) Hand(ctx context.Context, appID string, kind model.TokenKind, holder string) (model.Token, error) {
	t, err := k.Token(ctx, appID, kind)
	if err != nil || kind != model.AccessToken {
		return t, err
	}
	return t, k.Shelf.RememberHolder(ctx, appID, hashOf(t.Value.Reveal()), holder, holderTTL)
}

// Holders returns to whom a token of an app was handed; to nobody is no error.
func (k *Keeper) Holders(ctx context.Context, appID, token string) ([]string, error) {
	return k.Shelf.Holders(ctx, appID, hashOf(token))
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:16])
}
