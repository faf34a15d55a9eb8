"""Columns of the catalogues of PostgreSQL 15.18: of those that can be read here their names and types, of the others that they exist.

Separate because it is a list and nothing else, recorded from PostgreSQL 15.18. The number behind a name is the oid.
"""

from __future__ import annotations

COLUMNS = """
pg_am 2601 r: oid oid,amname name,amhandler regproc,amtype char
pg_auth_members 1261 r: roleid oid,member oid,grantor oid,admin_option boolean
pg_class 1259 r: oid oid,relname name,relnamespace oid,reltype oid,reloftype oid,relowner oid,relam oid,relfilenode oid,reltablespace oid,relpages integer,reltuples real,relallvisible integer,reltoastrelid oid,relhasindex boolean,relisshared boolean,relpersistence char,relkind char,relnatts smallint,relchecks smallint,relhasrules boolean,relhastriggers boolean,relhassubclass boolean,relrowsecurity boolean,relforcerowsecurity boolean,relispopulated boolean,relreplident char,relispartition boolean,relrewrite oid,relfrozenxid xid,relminmxid xid,relacl aclitem[],reloptions text[],relpartbound pg_node_tree
pg_database 1262 r: oid oid,datname name,datdba oid,encoding integer,datlocprovider char,datistemplate boolean,datallowconn boolean,datconnlimit integer,datfrozenxid xid,datminmxid xid,dattablespace oid,datcollate text,datctype text,daticulocale text,datcollversion text,datacl aclitem[]
pg_db_role_setting 2964 r: setdatabase oid,setrole oid,setconfig text[]
pg_extension 3079 r: oid oid,extname name,extowner oid,extnamespace oid,extrelocatable boolean,extversion text,extconfig oid[],extcondition text[]
pg_foreign_table 3118 r: ftrelid oid,ftserver oid,ftoptions text[]
pg_inherits 2611 r: inhrelid oid,inhparent oid,inhseqno integer,inhdetachpending boolean
pg_locks 12073 v: locktype text,database oid,relation oid,page integer,tuple smallint,virtualxid text,transactionid xid,classid oid,objid oid,objsubid smallint,virtualtransaction text,pid integer,mode text,granted boolean,fastpath boolean,waitstart timestamp with time zone
pg_namespace 2615 r: oid oid,nspname name,nspowner oid,nspacl aclitem[]
pg_policy 3256 r: oid oid,polname name,polrelid oid,polcmd char,polpermissive boolean,polroles oid[],polqual pg_node_tree,polwithcheck pg_node_tree
pg_prepared_xacts 12090 v: transaction xid,gid text,prepared timestamp with time zone,owner name,database name
pg_publication 6104 r: oid oid,pubname name,pubowner oid,puballtables boolean,pubinsert boolean,pubupdate boolean,pubdelete boolean,pubtruncate boolean,pubviaroot boolean
pg_publication_namespace 6237 r: oid oid,pnpubid oid,pnnspid oid
pg_publication_rel 6106 r: oid oid,prpubid oid,prrelid oid,prqual pg_node_tree,prattrs int2vector
pg_replication_slots 12257 v: slot_name name,plugin name,slot_type text,datoid oid,database name,temporary boolean,active boolean,active_pid integer,xmin xid,catalog_xmin xid,restart_lsn pg_lsn,confirmed_flush_lsn pg_lsn,wal_status text,safe_wal_size bigint,two_phase boolean
pg_roles 12000 v: rolname name,rolsuper boolean,rolinherit boolean,rolcreaterole boolean,rolcreatedb boolean,rolcanlogin boolean,rolreplication boolean,rolconnlimit integer,rolpassword text,rolvaliduntil timestamp with time zone,rolbypassrls boolean,rolconfig text[],oid oid
pg_settings 12104 v: name text,setting text,unit text,category text,short_desc text,extra_desc text,context text,vartype text,source text,min_val text,max_val text,enumvals text[],boot_val text,reset_val text,sourcefile text,sourceline integer,pending_restart boolean
pg_stat_activity 12222 v: datid oid,datname name,pid integer,leader_pid integer,usesysid oid,usename name,application_name text,client_addr inet,client_hostname text,client_port integer,backend_start timestamp with time zone,xact_start timestamp with time zone,query_start timestamp with time zone,state_change timestamp with time zone,wait_event_type text,wait_event text,state text,backend_xid xid,backend_xmin xid,query_id bigint,query text,backend_type text
pg_stat_bgwriter 12289 v: checkpoints_timed bigint,checkpoints_req bigint,checkpoint_write_time double precision,checkpoint_sync_time double precision,buffers_checkpoint bigint,buffers_clean bigint,maxwritten_clean bigint,buffers_backend bigint,buffers_backend_fsync bigint,buffers_alloc bigint,stats_reset timestamp with time zone
pg_stat_database 12266 v: datid oid,datname name,numbackends integer,xact_commit bigint,xact_rollback bigint,blks_read bigint,blks_hit bigint,tup_returned bigint,tup_fetched bigint,tup_inserted bigint,tup_updated bigint,tup_deleted bigint,conflicts bigint,temp_files bigint,temp_bytes bigint,deadlocks bigint,checksum_failures bigint,checksum_last_failure timestamp with time zone,blk_read_time double precision,blk_write_time double precision,session_time double precision,active_time double precision,idle_in_transaction_time double precision,sessions bigint,sessions_abandoned bigint,sessions_fatal bigint,sessions_killed bigint,stats_reset timestamp with time zone
pg_stat_gssapi 12253 v: pid integer,gss_authenticated boolean,principal text,encrypted boolean
pg_stat_progress_vacuum 12302 v: pid integer,datid oid,datname name,relid oid,phase text,heap_blks_total bigint,heap_blks_scanned bigint,heap_blks_vacuumed bigint,index_vacuum_count bigint,max_dead_tuples bigint,num_dead_tuples bigint
pg_stat_replication 12227 v: pid integer,usesysid oid,usename name,application_name text,client_addr inet,client_hostname text,client_port integer,backend_start timestamp with time zone,backend_xmin xid,state text,sent_lsn pg_lsn,write_lsn pg_lsn,flush_lsn pg_lsn,replay_lsn pg_lsn,write_lag interval,flush_lag interval,replay_lag interval,sync_priority integer,sync_state text,reply_time timestamp with time zone
pg_stat_ssl 12249 v: pid integer,ssl boolean,version text,cipher text,bits integer,client_dn text,client_serial numeric,issuer_dn text
pg_stat_user_tables 12161 v: relid oid,schemaname name,relname name,seq_scan bigint,seq_tup_read bigint,idx_scan bigint,idx_tup_fetch bigint,n_tup_ins bigint,n_tup_upd bigint,n_tup_del bigint,n_tup_hot_upd bigint,n_live_tup bigint,n_dead_tup bigint,n_mod_since_analyze bigint,n_ins_since_vacuum bigint,last_vacuum timestamp with time zone,last_autovacuum timestamp with time zone,last_analyze timestamp with time zone,last_autoanalyze timestamp with time zone,vacuum_count bigint,autovacuum_count bigint,analyze_count bigint,autoanalyze_count bigint
pg_statistic_ext 3381 r: oid oid,stxrelid oid,stxname name,stxnamespace oid,stxowner oid,stxstattarget integer,stxkeys int2vector,stxkind char[],stxexprs pg_node_tree
pg_tables 12033 v: schemaname name,tablename name,tableowner name,tablespace name,hasindexes boolean,hasrules boolean,hastriggers boolean,rowsecurity boolean
pg_tablespace 1213 r: oid oid,spcname name,spcowner oid,spcacl aclitem[],spcoptions text[]
pg_trigger 2620 r: oid oid,tgrelid oid,tgparentid oid,tgname name,tgfoid oid,tgtype smallint,tgenabled char,tgisinternal boolean,tgconstrrelid oid,tgconstrindid oid,tgconstraint oid,tgdeferrable boolean,tginitdeferred boolean,tgnargs smallint,tgattr int2vector,tgargs bytea,tgqual pg_node_tree,tgoldtable name,tgnewtable name
pg_user 12014 v: usename name,usesysid oid,usecreatedb boolean,usesuper boolean,userepl boolean,usebypassrls boolean,passwd text,valuntil timestamp with time zone,useconfig text[]
pg_views 12028 v: schemaname name,viewname name,viewowner name,definition text
"""

_OTHERS = """
pg_aggregate pg_am pg_amop pg_amproc pg_attrdef pg_attribute pg_auth_members pg_authid pg_available_extension_versions
pg_available_extensions pg_backend_memory_contexts pg_cast pg_class pg_collation pg_config pg_constraint pg_conversion
pg_cursors pg_database pg_db_role_setting pg_default_acl pg_depend pg_description pg_enum pg_event_trigger
pg_extension pg_file_settings pg_foreign_data_wrapper pg_foreign_server pg_foreign_table pg_group pg_hba_file_rules
pg_ident_file_mappings pg_index pg_indexes pg_inherits pg_init_privs pg_language pg_largeobject
pg_largeobject_metadata pg_locks pg_matviews pg_namespace pg_opclass pg_operator pg_opfamily pg_parameter_acl
pg_partitioned_table pg_policies pg_policy pg_prepared_statements pg_prepared_xacts pg_proc pg_publication
pg_publication_namespace pg_publication_rel pg_publication_tables pg_range pg_replication_origin
pg_replication_origin_status pg_replication_slots pg_rewrite pg_roles pg_rules pg_seclabel pg_seclabels pg_sequence
pg_sequences pg_settings pg_shadow pg_shdepend pg_shdescription pg_shmem_allocations pg_shseclabel pg_stat_activity
pg_stat_all_indexes pg_stat_all_tables pg_stat_archiver pg_stat_bgwriter pg_stat_database pg_stat_database_conflicts
pg_stat_gssapi pg_stat_progress_analyze pg_stat_progress_basebackup pg_stat_progress_cluster pg_stat_progress_copy
pg_stat_progress_create_index pg_stat_progress_vacuum pg_stat_recovery_prefetch pg_stat_replication
pg_stat_replication_slots pg_stat_slru pg_stat_ssl pg_stat_subscription pg_stat_subscription_stats pg_stat_sys_indexes
pg_stat_sys_tables pg_stat_user_functions pg_stat_user_indexes pg_stat_user_tables pg_stat_wal pg_stat_wal_receiver
pg_stat_xact_all_tables pg_stat_xact_sys_tables pg_stat_xact_user_functions pg_stat_xact_user_tables
pg_statio_all_indexes pg_statio_all_sequences pg_statio_all_tables pg_statio_sys_indexes pg_statio_sys_sequences
pg_statio_sys_tables pg_statio_user_indexes pg_statio_user_sequences pg_statio_user_tables pg_statistic
pg_statistic_ext pg_statistic_ext_data pg_stats pg_stats_ext pg_stats_ext_exprs pg_subscription pg_subscription_rel
pg_tables pg_tablespace pg_timezone_abbrevs pg_timezone_names pg_transform pg_trigger pg_ts_config pg_ts_config_map
pg_ts_dict pg_ts_parser pg_ts_template pg_type pg_user pg_user_mapping pg_user_mappings pg_views
"""
OTHERS = frozenset(_OTHERS.split())
"""Every catalogue that PostgreSQL has."""
