\set ON_ERROR_STOP 0
\d
SET search_path TO app, public;
\d
\d one
\d+ one
\d two
\d+ two
\d both
\d+ both
\d+ some
\d+ kept
\d parts
\d+ parts
\d+ high
\d+ low
\d rest
\d+ base
\d derived
\d+ quick
\d numbers
\d one_a_seq
\d two_b_seq
\d two_b
\d+ two_lower
\d two_int4range_excl
\d pair
\d app.*_pkey
\d nothing
\da
\dA
\dAc btree integer
\dAf hash
\dAo gin array_ops
\db
\dc *latin1*
\dC app.mood
\dC int*
\dd
\dD
\dD+ word
\ddp
\dE
\des
\det
\deu
\dew
\df
\df+ next
\dfn next int
\dfa
\dfp
\dft
\df pg_catalog.abs
\dg clients_*
\di
\dl
\dm
\dn
\dn app
\do
\dO
\dp
\dP
\dPi
\dPt
\dP app.*
\drds
\dRp
\dRs
\ds
\dt
\dt app.*
\dT
\dT+ mood
\dT+ few
\dT+ span
\du clients_*
\du+ clients_*
\dv
\dX
\dy
\sf next
\sf+ pairs
\sv both
\sv+ some
\z
\z one
\o /dev/null
\dS pg_am
\d pg_am
\dT pg_catalog.int4
\dx
\dx+ plpgsql
\l template0
\dA+ btree
\dAp gin jsonb_ops
\dconfig work_mem
\dF+
\dFd+
\dFp+
\dFt+
\dL+
\do pg_catalog.&&
\dt+
\di+
\dm+
\l+
\dS+
\dfS+
\doS+
\dTS+
\dvS+
\dCS+
\daS+
\dcS+
\dOS+
\dAc+
\o
