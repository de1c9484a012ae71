//! What `\?` shows.

/// The commands.
pub const TEXT: &str = "\
General
  \\q                      leave
  \\g [(OPTIONS)] [FILE]   run the statement in the buffer, or the last one again; its result to a file, or to |PROGRAM
  \\gx                     the same, a line for each value
  \\gset [PREFIX]          the same, and set variables from its row
  \\gexec                  the same, and run each value as a statement
  \\gdesc                  tell the columns of its result, and their types
  \\errverbose             show the last error with all that is known of it
  \\crosstabview [COLUMNS]  the same, with the values of one column as columns
  \\watch [SECONDS]        run it again and again
  \\timing [on|off]        tell how long statements take
Query buffer
  \\e                      edit what is typed so far, or the last statement
  \\p, \\r, \\w FILE         show, clear, write it
Input and output
  \\copy ... from|to FILE  COPY with a file of the shell's, or PROGRAM 'COMMAND'
  \\i FILE, \\ir FILE       run a script; one beside the script that says it
  \\o [FILE]               write results to a file or to |PROGRAM, or to the terminal again
  \\! [COMMAND]            run a command of the system, or its shell
  \\echo, \\qecho, \\warn    write a text
Conditions
  \\if, \\elif, \\else, \\endif
What there is (S: system objects, +: more)
  \\d[S+] [PATTERN]        relations, or all about one
  \\dt, \\di, \\dv, \\dm, \\ds  tables, indexes, views, materialized views, sequences
  \\df, \\dT, \\dD           functions, types, domains
  \\dn, \\du, \\dp, \\l       schemas, roles, privileges, databases
  \\da, \\do, \\dC, \\dO, \\dc  aggregates, operators, casts, collations, conversions
  \\dF[dpt], \\dL, \\dA, \\dx  text search, languages, access methods, extensions
  \\ddp, \\drds, \\dconfig     default privileges, settings of roles, settings
  \\sf[+] NAME, \\sv[+] NAME  what made a function, a view
Formatting
  \\x [on|off|auto]        a line for each value
  \\t, \\a, \\f, \\C, \\H      values alone, alignment, separator, title, HTML
  \\pset [NAME [VALUE]]    border, csv_fieldsep, expanded, fieldsep, footer, format, null, recordsep, title, tuples_only
Variables
  \\set [NAME [VALUE]], \\unset NAME, \\prompt [TEXT] NAME
";
