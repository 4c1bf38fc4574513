using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace ClawEvents.Broker.Tests.Configuration;

internal sealed class NamespacesReaderTests
{
    private readonly List<string> _faults = [];

    [Test]
    public void Every_option_is_read()
    {
        var options = Read("""
            {"Namespaces":[{"name":"chat","presence":true,"join_leave":true,"force_push_join_leave":true,"history_size":10,"history_ttl":"5m","history_meta_ttl":"1h",
            "force_positioning":true,"allow_positioning":true,"force_recovery":true,"allow_recovery":true,"force_recovery_mode":"cache","auto_cache_recover":true,
            "allowed_delta_types":["fossil"],"delta_publish":true,
            "allow_subscribe_for_client":true,"allow_subscribe_for_anonymous":true,
            "allow_publish_for_client":true,"allow_publish_for_subscriber":true,"allow_publish_for_anonymous":true,
            "allow_presence_for_client":true,"allow_presence_for_subscriber":true,"allow_presence_for_anonymous":true,
            "allow_history_for_client":true,"allow_history_for_subscriber":true,"allow_history_for_anonymous":true,
            "allow_user_limited_channels":true,"channel_regex":"^[a-z]+$","publication_data_format":"json_object"}]}
            """).Find(TestChannel.Named("chat:x"))!;

        var all = new ClientPermission(true, true, true);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_faults, Is.Empty);
            Assert.That(options.ChannelPattern!.ToString(), Is.EqualTo("^[a-z]+$"));
            Assert.That(options with { ChannelPattern = null }, Is.EqualTo(new ChannelOptions
            {
                Presence = true,
                JoinLeave = true,
                ForcePushJoinLeave = true,
                HistorySize = 10,
                HistoryTtl = TimeSpan.FromMinutes(5),
                HistoryMetaTtl = TimeSpan.FromHours(1),
                ForcePositioning = true,
                AllowPositioning = true,
                ForceRecovery = true,
                AllowRecovery = true,
                RecoveryMode = RecoveryMode.Cache,
                AutoCacheRecover = true,
                AllowFossilDelta = true,
                DeltaPublish = true,
                Subscribe = new(true, false, true),
                Publish = all,
                ReadPresence = all,
                ReadHistory = all,
                AllowUserLimitedChannels = true,
                PayloadFormat = PayloadFormat.JsonObject,
            }));
        }
    }

    [TestCase("chat:x", true)]
    [TestCase("$chat:x", true)]
    [TestCase("chat:x:y", true)]
    [TestCase("Chat:x", false)]
    [TestCase("chat.x:y", false)]
    [TestCase("news", false)]
    [TestCase("public.x", true)]
    [TestCase("agent.alice.x", true)]
    [TestCase("agent.alice", false)]
    public void A_channel_is_found_by_what_is_before_its_first_colon(string channel, bool isKnown) =>
        Assert.That(Read("""{"Namespaces":[{"name":"chat"}]}""").Find(TestChannel.Named(channel)), isKnown ? Is.Not.Null : Is.Null);

    [Test]
    public void A_channel_of_claw_events_is_found_by_its_first_part()
    {
        var namespaces = Read("""{"Namespaces":[{"name":"public","history_size":5,"history_ttl":"10s"}]}""");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(namespaces.Find(TestChannel.Named("public.x"))!.KeepsHistory, Is.True);
            Assert.That(namespaces.Find(TestChannel.Named("system.timer.second")), Is.SameAs(ChannelOptions.None));
        }
    }

    [Test]
    public void Names_without_a_namespace_have_their_own_options() =>
        Assert.That(Read("""{"WithoutNamespace":{"presence":true}}""").Find(TestChannel.Named("news"))!.Presence, Is.True);

    [TestCase("""{"Namespaces":[{"presence":true}]}""", "Namespaces:0:name: '' is not a valid name: use two or more letters, digits or - _ ., chat")]
    [TestCase("""{"Namespaces":[{"name":"a b"}]}""", "Namespaces:0:name: 'a b' is not a valid name: use two or more letters, digits or - _ ., chat")]
    [TestCase("""{"Namespaces":[{"name":"chat"},{"name":"chat"}]}""", "Namespaces:1:name: 'chat' is defined twice, chat")]
    [TestCase("""{"Namespaces":[{"name":"chat","histroy_size":1}]}""", "Namespaces:0:histroy_size: unknown option; did you mean history_size?, Namespaces:0:history_size=100")]
    [TestCase("""{"WithoutNamespace":{"presence":"yes"}}""", "WithoutNamespace:presence: 'yes' is neither true nor false, true")]
    [TestCase("""{"WithoutNamespace":{"history_size":-1}}""", "WithoutNamespace:history_size: '-1' is not a whole number from 0 to 100000, 100")]
    [TestCase("""{"WithoutNamespace":{"history_size":100001}}""", "WithoutNamespace:history_size: '100001' is not a whole number from 0 to 100000, 100")]
    [TestCase("""{"WithoutNamespace":{"history_ttl":60}}""", "WithoutNamespace:history_ttl: '60' is not a duration, 300s")]
    [TestCase("""{"WithoutNamespace":{"history_ttl":"2h","history_meta_ttl":"1h"}}""", "WithoutNamespace:history_meta_ttl: it is shorter than history_ttl, 720h")]
    [TestCase("""{"WithoutNamespace":{"force_recovery_mode":"tape"}}""", "WithoutNamespace:force_recovery_mode: 'tape' is not supported, cache")]
    [TestCase("""{"WithoutNamespace":{"allowed_delta_types":["vcdiff"]}}""", "WithoutNamespace:allowed_delta_types: 'vcdiff' is not a supported type of delta, fossil")]
    public void A_wrong_option_is_named(string json, string fault)
    {
        Read(json);

        Assert.That(_faults, Is.EqualTo(new[] { fault }));
    }

    [Test]
    public void Every_option_of_a_map_is_read()
    {
        var options = Read("""
            {"Namespaces":[{"name":"board","subscription_type":"map","map_clients_presence_channel_prefix":"here:","map_users_presence_channel_prefix":"users:","client_publish_debounce_interval":"50ms",
            "map":{"mode":"recoverable","key_ttl":"60s","stream_size":7,"stream_ttl":"30s","meta_ttl":"2m","ordered":true,"remove_client_on_unsubscribe":true,"client_key":"user_id",
            "allow_publish_for_client":true,"allow_publish_for_subscriber":true,"allow_publish_for_anonymous":true,
            "allow_remove_for_client":true,"allow_remove_for_subscriber":true,"allow_remove_for_anonymous":true,
            "default_page_size":20,"min_page_size":10,"max_page_size":30,"live_transition_max_publication_limit":40,"subscribe_catch_up_timeout":"9s"}},
            {"name":"here","subscription_type":"map_clients","map":{"mode":"ephemeral","key_ttl":"60s"}},
            {"name":"users","subscription_type":"map_users","map":{"mode":"ephemeral","key_ttl":"60s"}}]}
            """).Find(TestChannel.Named("board:x"))!;

        var all = new ClientPermission(true, true, true);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_faults, Is.Empty);
            Assert.That((options.SubscriptionType, options.MapClientsPrefix, options.MapUsersPrefix), Is.EqualTo((SubscriptionType.Map, "here:", "users:")));
            Assert.That(options.ClientPublishDebounce, Is.EqualTo(TimeSpan.FromMilliseconds(50)));
            Assert.That(options.Map, Is.EqualTo(new MapOptions
            {
                Mode = MapMode.Recoverable,
                KeyTtl = TimeSpan.FromMinutes(1),
                StreamSize = 7,
                StreamTtl = TimeSpan.FromSeconds(30),
                MetaTtl = TimeSpan.FromMinutes(2),
                IsOrdered = true,
                RemoveClientOnUnsubscribe = true,
                ClientKey = MapClientKey.UserId,
                Publish = all,
                Remove = all,
                DefaultPageSize = 20,
                MinPageSize = 10,
                MaxPageSize = 30,
                LiveTransitionLimit = 40,
                CatchUpTimeout = TimeSpan.FromSeconds(9),
            }));
        }
    }

    [TestCase("""{"mode":"ephemeral","key_ttl":"3s"}""", ExpectedResult = "0 00:00:00 00:10:00 100 100 1000 1000")]
    [TestCase("""{"mode":"ephemeral","key_ttl":"20m"}""", ExpectedResult = "0 00:00:00 00:20:00 100 100 1000 1000")]
    [TestCase("""{"mode":"recoverable","key_ttl":"3s"}""", ExpectedResult = "100 00:01:00 00:10:00 100 100 1000 1000")]
    [TestCase("""{"mode":"recoverable","key_ttl":"20m","max_page_size":50}""", ExpectedResult = "100 00:01:00 00:20:00 50 50 50 50")]
    [TestCase("""{"mode":"persistent","min_page_size":200}""", ExpectedResult = "100 00:01:00 00:00:00 200 200 1000 1000")]
    public string An_option_of_a_map_that_is_left_out_has_its_default(string map)
    {
        var options = Read($$$"""{"WithoutNamespace":{"subscription_type":"map","map":{{{map}}}}}""").Find(TestChannel.Named("x"))!.Map;

        Assert.That(_faults, Is.Empty);
        return $"{options.StreamSize} {options.StreamTtl} {options.MetaTtl} {options.DefaultPageSize} {options.MinPageSize} {options.MaxPageSize} {options.LiveTransitionLimit}";
    }

    [TestCase("map", """{}""", "mode: a map needs a mode: ephemeral, recoverable or persistent, recoverable")]
    [TestCase("map", """{"mode":"eternal","key_ttl":"1s"}""", "mode: 'eternal' is not supported, persistent")]
    [TestCase("map", """{"mode":"ephemeral"}""", "key_ttl: the keys of this mode expire: say when, 60s")]
    [TestCase("map", """{"mode":"persistent","key_ttl":"1s"}""", "key_ttl: the keys of a persistent map do not expire: use the mode recoverable, or leave it out, 0s")]
    [TestCase("map_users", """{"mode":"persistent"}""", "mode: the keys of presence have to expire: use ephemeral or recoverable, recoverable")]
    [TestCase("map", """{"mode":"ephemeral","key_ttl":"1s","stream_size":5}""", "stream_size: an ephemeral map has no stream: use another mode, or leave it out, 0")]
    [TestCase("map", """{"mode":"ephemeral","key_ttl":"1s","stream_ttl":"5s"}""", "stream_ttl: an ephemeral map has no stream: use another mode, or leave it out, 0s")]
    [TestCase("map", """{"mode":"persistent","meta_ttl":"1h"}""", "meta_ttl: the position of a persistent map stays as long as its keys: leave it out, 0s")]
    [TestCase("map", """{"mode":"recoverable","key_ttl":"1h","meta_ttl":"30m"}""", "meta_ttl: it is shorter than key_ttl, 10m")]
    [TestCase("map", """{"mode":"recoverable","key_ttl":"1m","stream_ttl":"1h","meta_ttl":"30m"}""", "meta_ttl: it is shorter than stream_ttl, 10m")]
    [TestCase("map", """{"mode":"persistent","min_page_size":50,"max_page_size":20,"default_page_size":20}""", "min_page_size: it is more than max_page_size, 100")]
    [TestCase("map", """{"mode":"persistent","max_page_size":1001}""", "max_page_size: '1001' is not a whole number from 0 to 1000, 100")]
    [TestCase("map", """{"mode":"persistent","key_tll":"1s"}""", "key_tll: unknown option; did you mean key_ttl?, WithoutNamespace:map:key_ttl=60s")]
    [TestCase("stream", """{"remove_client_on_unsubscribe":true}""", "remove_client_on_unsubscribe: the channels are no maps: set subscription_type, map")]
    public void A_wrong_option_of_a_map_is_named(string type, string map, string fault)
    {
        Read($$$"""{"WithoutNamespace":{"subscription_type":"{{{type}}}","map":{{{map}}}}}""");

        Assert.That(_faults, Does.Contain($"WithoutNamespace:map:{fault}"));
    }

    [Test]
    public void A_map_has_a_client_key_or_a_back_end()
    {
        Read("""{"Proxies":{"b":{"endpoint":"http://b"}},"WithoutNamespace":{"subscription_type":"map","map":{"mode":"persistent","client_key":"client_id","publish_proxy_enabled":true,"publish_proxy_name":"b","remove_proxy_enabled":true,"remove_proxy_name":"b"}}}""");

        Assert.That(_faults, Has.Count.EqualTo(2).And.All.StartsWith("WithoutNamespace:map:client_key: the back end of "));
    }

    [TestCase("here:", ExpectedResult = 0)]
    [TestCase("users:", ExpectedResult = 1)]
    [TestCase("nowhere:", ExpectedResult = 1)]
    [TestCase("here", ExpectedResult = 1)]
    public int A_prefix_of_presence_names_a_namespace_of_its_type(string prefix)
    {
        Read($$$"""
            {"Namespaces":[{"name":"room","map_clients_presence_channel_prefix":"{{{prefix}}}"},
            {"name":"here","subscription_type":"map_clients","map":{"mode":"ephemeral","key_ttl":"60s"}},
            {"name":"users","subscription_type":"map_users","map":{"mode":"ephemeral","key_ttl":"60s"}}]}
            """);

        return _faults.Count(fault => fault == $"Namespaces:0:map_clients_presence_channel_prefix: '{prefix}' begins no channels of a namespace with subscription_type map_clients, map_clients:");
    }

    [TestCase("/", "here/", ExpectedResult = 0)]
    [TestCase("/", "here:", ExpectedResult = 1)]
    [TestCase("", "here:", ExpectedResult = 1)]
    public int A_prefix_of_presence_ends_with_the_boundary_of_namespaces(string boundary, string prefix)
    {
        Read($$$"""{"Namespaces":[{"name":"room","map_clients_presence_channel_prefix":"{{{prefix}}}"},{"name":"here","subscription_type":"map_clients","map":{"mode":"ephemeral","key_ttl":"60s"}}]}""", boundary);

        return _faults.Count;
    }

    [Test]
    public void Channels_of_claw_events_are_streams()
    {
        Read("""{"Namespaces":[{"name":"public","subscription_type":"map","map":{"mode":"persistent"}}]}""");

        Assert.That(_faults, Is.EqualTo(new[] { "Namespaces:0:subscription_type: channels of claw.events are streams, stream" }));
    }

    [TestCase("(a")]
    [TestCase("(a)\\\\1")]
    [TestCase("a(?=b)")]
    public void A_pattern_that_is_invalid_or_could_hang_is_refused(string pattern)
    {
        Read($$$"""{"WithoutNamespace":{"channel_regex":"{{{pattern}}}"}}""");

        Assert.That(_faults.Single(), Does.Contain("is not a usable pattern"));
    }

    private ChannelNamespaces Read(string json, string boundary = ":")
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var proxies = new ProxiesReader(configuration, Fault);
        proxies.Read();
        return new NamespacesReader(Fault, proxies, boundary).Read(configuration);
    }

    private void Fault(string name, string fault, string example) => _faults.Add($"{name}: {fault}, {example}");
}
