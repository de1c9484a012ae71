#!/usr/bin/env python3
"""Asks PostgreSQL what statements mean: names and types of their columns and parameters, or the error. stdin: statements, one
a line; stdout: the statement, then the answer."""
import socket, struct, sys
class Pg:
    def __init__(self, db):
        self.s = socket.socket(socket.AF_UNIX); self.s.connect("/tmp/pg/.s.PGSQL.54321"); self.b=b""
        body = struct.pack("!i", 196608) + b"user\0postgres\0database\0" + db.encode() + b"\0\0"
        self.s.sendall(struct.pack("!i", len(body)+4) + body)
        self.until_ready()
    def msg(self):
        while len(self.b) < 5: self.b += self.s.recv(65536)
        n = struct.unpack("!i", self.b[1:5])[0] + 1
        while len(self.b) < n: self.b += self.s.recv(65536)
        m, self.b = self.b[:n], self.b[n:]
        return m[:1], m[5:]
    def until_ready(self):
        out = []
        while True:
            t, b = self.msg()
            out.append((t, b))
            if t == b"Z": return out
    def send(self, t, body): self.s.sendall(t + struct.pack("!i", len(body)+4) + body)
    def query(self, q):
        self.send(b"Q", q.encode()+b"\0"); out=self.until_ready()
        rows=[]
        for t,b in out:
            if t==b"D":
                n=struct.unpack("!h",b[:2])[0]; p=2; r=[]
                for _ in range(n):
                    l=struct.unpack("!i",b[p:p+4])[0]; p+=4
                    if l<0: r.append(None)
                    else: r.append(b[p:p+l].decode()); p+=l
                rows.append(r)
            if t==b"E": print("setup:", err(b), file=sys.stderr)
        return rows
    def parse(self, q):
        self.send(b"P", b"\0" + q.encode() + b"\0" + struct.pack("!h", 0))
        self.send(b"D", b"S\0"); self.send(b"S", b"")
        return self.until_ready()
def err(b):
    f = {}
    for part in b.split(b"\0"):
        if part: f[part[:1].decode()] = part[1:].decode()
    return f
def main():
    db, schema = sys.argv[1], sys.argv[2]
    pg = Pg("postgres")
    pg.query(f"drop database if exists {db}"); pg.query(f"create database {db}")
    pg = Pg(db)
    pg.query(open(schema).read())
    names = {}
    def tname(o, m):
        if (o,m) not in names:
            names[(o,m)] = pg.query(f"select format_type({o}, {m})")[0][0]
        return names[(o,m)]
    for line in sys.stdin:
        q = line.rstrip("\n")
        if not q.strip() or q.startswith("--"): continue
        out = pg.parse(q)
        ans = None; params = []; cols = []
        for t, b in out:
            if t == b"E":
                f = err(b); pos = f.get("P")
                ans = f"!! {f['C']} @{pos or '-'} {f['M']}"
                if "D" in f: ans += " | detail: " + f["D"]
                if "H" in f: ans += " | hint: " + f["H"]
            elif t == b"t":
                n = struct.unpack("!h", b[:2])[0]
                params = list(struct.unpack("!%dI" % n, b[2:2+4*n]))
            elif t == b"T":
                n = struct.unpack("!h", b[:2])[0]; p = 2
                for _ in range(n):
                    e = b.index(b"\0", p); nm = b[p:e].decode(); p = e+1
                    tab, att, typ, ln, mod, fmt = struct.unpack("!IhIhih", b[p:p+18]); p += 18
                    cols.append((nm, typ, mod))
        if ans is None:
            ans = "-> " + ", ".join(f"{n} {tname(t,m)}" for n,t,m in cols)
            if params: ans += " | parameters: " + ", ".join(tname(t,-1) for t in params)
        print(q); print(ans.replace("\n", "\\n"))
main()
