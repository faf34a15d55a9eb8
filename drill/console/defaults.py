"""Parameters of PostgreSQL 15.18 with the values of a Debian installation: what SHOW and pg_settings know.

Separate because it is a list and nothing else, recorded from PostgreSQL 15.18. A line is name, setting, unit, context, type, least and
most value, the value built in, category, description and the values of an enum.
"""

from __future__ import annotations

DEFAULTS = """
application_name|psql||user|string||||Reporting and Logging / What to Log|Sets the application name to be reported in statistics and logs.|
archive_mode|off||postmaster|enum|||off|Write-Ahead Log / Archiving|Allows archiving of WAL files using archive_command.|always,on,off
autovacuum|on||sighup|bool|||on|Autovacuum|Starts the autovacuum subprocess.|
autovacuum_max_workers|3||postmaster|integer|1|262143|3|Autovacuum|Sets the maximum number of simultaneously running autovacuum worker processes.|
autovacuum_naptime|60|s|sighup|integer|1|2147483|60|Autovacuum|Time to sleep between autovacuum runs.|
autovacuum_vacuum_scale_factor|0.2||sighup|real|0|100|0.2|Autovacuum|Number of tuple updates or deletes prior to vacuum as a fraction of reltuples.|
bgwriter_delay|200|ms|sighup|integer|10|10000|200|Resource Usage / Background Writer|Background writer sleep time between rounds.|
block_size|8192||internal|integer|8192|8192|8192|Preset Options|Shows the size of a disk block.|
bytea_output|hex||user|enum|||hex|Client Connection Defaults / Statement Behavior|Sets the output format for bytea.|escape,hex
checkpoint_completion_target|0.9||sighup|real|0|1|0.9|Write-Ahead Log / Checkpoints|Time spent flushing dirty buffers during checkpoint, as fraction of checkpoint interval.|
checkpoint_timeout|300|s|sighup|integer|30|86400|300|Write-Ahead Log / Checkpoints|Sets the maximum time between automatic WAL checkpoints.|
client_connection_check_interval|0|ms|user|integer|0|2147483647|0|Connections and Authentication / Connection Settings|Sets the time interval between checks for disconnection while running queries.|
client_encoding|UTF8||user|string|||SQL_ASCII|Client Connection Defaults / Locale and Formatting|Sets the client's character set encoding.|
client_min_messages|notice||user|enum|||notice|Client Connection Defaults / Statement Behavior|Sets the message levels that are sent to the client.|debug5,debug4,debug3,debug2,debug1,log,notice,warning,error
cluster_name|||postmaster|string||||Reporting and Logging / Process Title|Sets the name of the cluster, which is included in the process title.|
compute_query_id|auto||superuser|enum|||auto|Statistics / Monitoring|Enables in-core computation of query identifiers.|auto,regress,on,off
constraint_exclusion|partition||user|enum|||partition|Query Tuning / Other Planner Options|Enables the planner to use constraints to optimize queries.|partition,on,off
DateStyle|ISO, MDY||user|string|||ISO, MDY|Client Connection Defaults / Locale and Formatting|Sets the display format for date and time values.|
deadlock_timeout|1000|ms|superuser|integer|1|2147483647|1000|Lock Management|Sets the time to wait on a lock before checking for deadlock.|
default_transaction_isolation|read committed||user|enum|||read committed|Client Connection Defaults / Statement Behavior|Sets the transaction isolation level of each new transaction.|serializable,repeatable read,read committed,read uncommitted
default_transaction_read_only|off||user|bool|||off|Client Connection Defaults / Statement Behavior|Sets the default read-only status of new transactions.|
effective_cache_size|524288|8kB|user|integer|1|2147483647|524288|Query Tuning / Planner Cost Constants|Sets the planner's assumption about the total size of the data caches.|
effective_io_concurrency|1||user|integer|0|1000|1|Resource Usage / Asynchronous Behavior|Number of simultaneous requests that can be handled efficiently by the disk subsystem.|
enable_seqscan|on||user|bool|||on|Query Tuning / Planner Method Configuration|Enables the planner's use of sequential-scan plans.|
extra_float_digits|1||user|integer|-15|3|1|Client Connection Defaults / Locale and Formatting|Sets the number of digits displayed for floating-point values.|
fsync|on||sighup|bool|||on|Write-Ahead Log / Settings|Forces synchronization of updates to disk.|
full_page_writes|on||sighup|bool|||on|Write-Ahead Log / Settings|Writes full pages to WAL when first modified after a checkpoint.|
hot_standby|on||postmaster|bool|||on|Replication / Standby Servers|Allows connections and queries during recovery.|
huge_pages|try||postmaster|enum|||try|Resource Usage / Memory|Use of huge pages on Linux or Windows.|off,on,try
idle_in_transaction_session_timeout|0|ms|user|integer|0|2147483647|0|Client Connection Defaults / Statement Behavior|Sets the maximum allowed idle time between queries, when in a transaction.|
idle_session_timeout|0|ms|user|integer|0|2147483647|0|Client Connection Defaults / Statement Behavior|Sets the maximum allowed idle time between queries, when not in a transaction.|
in_hot_standby|off||internal|bool|||off|Preset Options|Shows whether hot standby is currently active.|
integer_datetimes|on||internal|bool|||on|Preset Options|Shows whether datetimes are integer based.|
IntervalStyle|postgres||user|enum|||postgres|Client Connection Defaults / Locale and Formatting|Sets the display format for interval values.|postgres,postgres_verbose,sql_standard,iso_8601
jit|on||user|bool|||on|Query Tuning / Other Planner Options|Allow JIT compilation.|
lc_collate|C.UTF-8||internal|string|||C|Preset Options|Shows the collation order locale.|
lc_ctype|C.UTF-8||internal|string|||C|Preset Options|Shows the character classification and case conversion locale.|
lc_messages|C.UTF-8||superuser|string||||Client Connection Defaults / Locale and Formatting|Sets the language in which messages are displayed.|
listen_addresses|*||postmaster|string|||localhost|Connections and Authentication / Connection Settings|Sets the host name or IP address(es) to listen to.|
lock_timeout|0|ms|user|integer|0|2147483647|0|Client Connection Defaults / Statement Behavior|Sets the maximum allowed duration of any wait for a lock.|
log_connections|off||superuser-backend|bool|||off|Reporting and Logging / What to Log|Logs each successful connection.|
log_disconnections|off||superuser-backend|bool|||off|Reporting and Logging / What to Log|Logs end of a session, including duration.|
log_line_prefix|%m [%p] ||sighup|string|||%m [%p] |Reporting and Logging / What to Log|Controls information prefixed to each log line.|
log_lock_waits|off||superuser|bool|||off|Reporting and Logging / What to Log|Logs long lock waits.|
log_min_duration_statement|-1|ms|superuser|integer|-1|2147483647|-1|Reporting and Logging / When to Log|Sets the minimum execution time above which all statements will be logged.|
log_statement|none||superuser|enum|||none|Reporting and Logging / What to Log|Sets the type of statements logged.|none,ddl,mod,all
maintenance_work_mem|65536|kB|user|integer|1024|2147483647|65536|Resource Usage / Memory|Sets the maximum memory to be used for maintenance operations.|
max_connections|100||postmaster|integer|1|262143|100|Connections and Authentication / Connection Settings|Sets the maximum number of concurrent connections.|
max_files_per_process|1000||postmaster|integer|64|2147483647|1000|Resource Usage / Kernel Resources|Sets the maximum number of simultaneously open files for each server process.|
max_locks_per_transaction|64||postmaster|integer|10|2147483647|64|Lock Management|Sets the maximum number of locks per transaction.|
max_parallel_workers|8||user|integer|0|1024|8|Resource Usage / Asynchronous Behavior|Sets the maximum number of parallel workers that can be active at one time.|
max_parallel_workers_per_gather|2||user|integer|0|1024|2|Resource Usage / Asynchronous Behavior|Sets the maximum number of parallel processes per executor node.|
max_prepared_transactions|0||postmaster|integer|0|262143|0|Resource Usage / Memory|Sets the maximum number of simultaneously prepared transactions.|
max_replication_slots|10||postmaster|integer|0|262143|10|Replication / Sending Servers|Sets the maximum number of simultaneously defined replication slots.|
max_stack_depth|2048|kB|superuser|integer|100|2147483647|100|Resource Usage / Memory|Sets the maximum stack depth, in kilobytes.|
max_wal_senders|10||postmaster|integer|0|262143|10|Replication / Sending Servers|Sets the maximum number of simultaneously running WAL sender processes.|
max_wal_size|1024|MB|sighup|integer|2|2147483647|1024|Write-Ahead Log / Checkpoints|Sets the WAL size that triggers a checkpoint.|
max_worker_processes|8||postmaster|integer|0|262143|8|Resource Usage / Asynchronous Behavior|Maximum number of concurrent worker processes.|
min_wal_size|80|MB|sighup|integer|2|2147483647|80|Write-Ahead Log / Checkpoints|Sets the minimum size to shrink the WAL to.|
password_encryption|scram-sha-256||user|enum|||scram-sha-256|Connections and Authentication / Authentication|Chooses the algorithm for encrypting passwords.|md5,scram-sha-256
port|5432||postmaster|integer|1|65535|5432|Connections and Authentication / Connection Settings|Sets the TCP port the server listens on.|
random_page_cost|4||user|real|0|1.79769e+308|4|Query Tuning / Planner Cost Constants|Sets the planner's estimate of the cost of a nonsequentially fetched disk page.|
row_security|on||user|bool|||on|Client Connection Defaults / Statement Behavior|Enable row security.|
search_path|"$user", public||user|string|||"$user", public|Client Connection Defaults / Statement Behavior|Sets the schema search order for names that are not schema-qualified.|
server_encoding|UTF8||internal|string|||SQL_ASCII|Preset Options|Shows the server (database) character set encoding.|
server_version|15.18 (Debian 15.18-0+deb12u1)||internal|string|||15.18 (Debian 15.18-0+deb12u1)|Preset Options|Shows the server version.|
server_version_num|150018||internal|integer|150018|150018|150018|Preset Options|Shows the server version as an integer.|
shared_buffers|16384|8kB|postmaster|integer|16|1073741823|16384|Resource Usage / Memory|Sets the number of shared memory buffers used by the server.|
shared_preload_libraries|||postmaster|string||||Client Connection Defaults / Shared Library Preloading|Lists shared libraries to preload into server.|
standard_conforming_strings|on||user|bool|||on|Version and Platform Compatibility / Previous PostgreSQL Versions|Causes '...' strings to treat backslashes literally.|
statement_timeout|0|ms|user|integer|0|2147483647|0|Client Connection Defaults / Statement Behavior|Sets the maximum allowed duration of any statement.|
superuser_reserved_connections|3||postmaster|integer|0|262143|3|Connections and Authentication / Connection Settings|Sets the number of connection slots reserved for superusers.|
synchronous_commit|on||user|enum|||on|Write-Ahead Log / Settings|Sets the current transaction's synchronization level.|local,remote_write,remote_apply,on,off
tcp_keepalives_count|0||user|integer|0|2147483647|0|Connections and Authentication / Connection Settings|Maximum number of TCP keepalive retransmits.|
tcp_keepalives_idle|0|s|user|integer|0|2147483647|0|Connections and Authentication / Connection Settings|Time between issuing TCP keepalives.|
tcp_keepalives_interval|0|s|user|integer|0|2147483647|0|Connections and Authentication / Connection Settings|Time between TCP keepalive retransmits.|
tcp_user_timeout|0|ms|user|integer|0|2147483647|0|Connections and Authentication / Connection Settings|TCP user timeout.|
temp_buffers|1024|8kB|user|integer|100|1073741823|1024|Resource Usage / Memory|Sets the maximum number of temporary buffers used by each session.|
temp_file_limit|-1|kB|superuser|integer|-1|2147483647|-1|Resource Usage / Disk|Limits the total size of all temporary files used by each process.|
TimeZone|Etc/UTC||user|string|||GMT|Client Connection Defaults / Locale and Formatting|Sets the time zone for displaying and interpreting time stamps.|
track_activities|on||superuser|bool|||on|Statistics / Cumulative Query and Index Statistics|Collects information about executing commands.|
track_activity_query_size|1024|B|postmaster|integer|100|1048576|1024|Statistics / Cumulative Query and Index Statistics|Sets the size reserved for pg_stat_activity.query, in bytes.|
track_counts|on||superuser|bool|||on|Statistics / Cumulative Query and Index Statistics|Collects statistics on database activity.|
track_io_timing|off||superuser|bool|||off|Statistics / Cumulative Query and Index Statistics|Collects timing statistics for database I/O activity.|
transaction_isolation|read committed||user|enum|||read committed|Client Connection Defaults / Statement Behavior|Sets the current transaction's isolation level.|serializable,repeatable read,read committed,read uncommitted
transaction_read_only|off||user|bool|||off|Client Connection Defaults / Statement Behavior|Sets the current transaction's read-only status.|
vacuum_cost_delay|0|ms|user|real|0|100|0|Resource Usage / Cost-Based Vacuum Delay|Vacuum cost delay in milliseconds.|
wal_buffers|512|8kB|postmaster|integer|-1|262143|-1|Write-Ahead Log / Settings|Sets the number of disk-page buffers in shared memory for WAL.|
wal_level|replica||postmaster|enum|||replica|Write-Ahead Log / Settings|Sets the level of information written to the WAL.|minimal,replica,logical
work_mem|4096|kB|user|integer|64|2147483647|4096|Resource Usage / Memory|Sets the maximum memory to be used for query workspaces.|
"""
