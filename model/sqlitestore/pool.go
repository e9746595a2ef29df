package sqlitestore

import (
	"context"
	"database/sql"
	"sync"
)

// keptStatements is far above the number of texts that this package has; it bounds what
// lists with ever new filters could take.
const keptStatements = 256

// pool is connections that compile each statement once: for the short statements of a
// store, compiling costs about as much as running. The statements end with the connections.
type pool struct {
	*sql.DB

	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

func newPool(db *sql.DB) *pool { return &pool{DB: db, kept: map[string]*sql.Stmt{}} }

// statement is the compiled text, or nil when it has to be run as it is. Then running it
// also says what is wrong.
func (p *pool) statement(ctx context.Context, text string) *sql.Stmt {
	p.mu.RLock()
	stmt, n := p.kept[text], len(p.kept)
	p.mu.RUnlock()
	if stmt != nil || n >= keptStatements {
		return stmt
	}
	// It waits for a connection, so nobody may wait for it.
	stmt, err := p.PrepareContext(ctx, text)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.kept[text]; other != nil {
		_ = stmt.Close() // #nosec G104 -- nothing depends on the second one
		return other
	}
	p.kept[text] = stmt
	return stmt
}

// QueryContext is that of *sql.DB.
func (p *pool) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if stmt := p.statement(ctx, text); stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, text, args...)
}

// QueryRowContext is that of *sql.DB.
func (p *pool) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if stmt := p.statement(ctx, text); stmt != nil {
		return stmt.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, text, args...)
}

// ExecContext is that of *sql.DB.
func (p *pool) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if stmt := p.statement(ctx, text); stmt != nil {
		return stmt.ExecContext(ctx, args...)
	}
	return p.DB.ExecContext(ctx, text, args...)
}
