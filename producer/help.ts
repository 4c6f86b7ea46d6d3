/** What `--help` prints. */
export const help = `Streams sensor readings into Amazon Data Firehose: packed, retried, spooled, counted.

Usage: npm run producer -- [options]
       npm run producer -- toons [options]   makes and submits toons instead; see toons --help

Where readings come from (one of):
  (none)               made-up readings of --dataset
  --file PATH|GLOB     CSV (.csv, by the dataset's mapping) or NDJSON, gzip or not; may be repeated
  --stdin              standard input: --format ndjson (default) or csv
  --mqtt URL           mqtt://[user:password@]host[:port]/topic/+/filter/#; also mqtts, ws, wss
                       --mqtt-version 5 (default) or 3.1.1; --mqtt-client-id NAME of the session
  --dataset NAME       whose readings they are (made-up ones: water-temperature); NDJSON and messages may name theirs
  --sensor-id ID       the series of lines that name none

Made-up readings:
  --seed N             the same seed gives the same readings (default 1)
  --sensors N          number of series (default 10)
  --every LENGTH       distance of a series' readings (default: as the dataset expects; live: 1s)
  --backfill LENGTH    event times from so long ago until now, as fast as the pipe takes them
  --start TIME         event times from then on; with it, the same options give the same bytes
  --live               at the event's time; what happens when none of --count, --backfill, --start is given

How much, how fast:
  --count N            stops after so many readings
  --duration LENGTH    made-up: so much event time; other sources: so long
  --rate N             readings a second
  LENGTH is 500ms, 10s, 15m, 1h, 7d, 2w, 6mo or 2y

Delivery:
  --stream NAME        delivery stream (default caudal-readings)
  --record-kib N       records grow to this size, 5 to 1000 (default 100): Firehose bills each in steps of 5 KiB
  --linger-ms N        a reading waits at most so long for its record to fill (default 1000); 0: one reading a record
  --in-flight N        requests under way at once (default 4)
  --deadline LENGTH    gives up after so long without progress (default 5m)
  --request-timeout LENGTH  sends again what has no answer by then (default 30s)
  --spool DIR          keeps what is not acknowledged on disk: survives kill -9, a full disk and days offline;
                       the same command goes on where it was. --spool-sync always|off (default always: also safe from a
                       power cut), --spool-mib N (default 10240: the source waits while it holds more)

Faults on purpose, and the proof:
  --duplicates 2% --late 2% --corrections 1% --invalid 1% --shuffle
  --expect FILE        the exact statistics that the pipeline must show; compare: npm run caudal -- verify --expect FILE

Output:
  --rejects FILE       readings that are not sent, one a line, with the reason
  --dry-run            sends nothing; says what it would cost, packed and not
  --json               the tally as JSON on standard output     --quiet  no progress

Ctrl-C stops the source and sends what was taken in; once more stops at once. The exit code is 0 only when everything
was acknowledged. Credentials, region and endpoint follow the AWS SDK; without any, a local cloud (npm start) is used.

Examples:
  npm run producer -- --dataset water-temperature --count 1000 --sensors 20
  npm run producer -- --dataset gadget-telemetry --backfill 2y --every 15m --sensors 50 --dry-run
  npm run producer -- --dataset water-temperature --file 'stations/*.csv' --rejects rejects.ndjson
  npm run producer -- --mqtt mqtt://localhost/gadgets/+ --dataset gadget-telemetry --spool /var/spool/caudal
  npm run producer -- --count 200000 --duplicates 2% --late 2% --invalid 1% --shuffle --expect expected.json`;
