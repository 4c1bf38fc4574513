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

    [TestCase("(a")]
    [TestCase("(a)\\\\1")]
    [TestCase("a(?=b)")]
    public void A_pattern_that_is_invalid_or_could_hang_is_refused(string pattern)
    {
        Read($$$"""{"WithoutNamespace":{"channel_regex":"{{{pattern}}}"}}""");

        Assert.That(_faults.Single(), Does.Contain("is not a usable pattern"));
    }

    private ChannelNamespaces Read(string json)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var proxies = new ProxiesReader(configuration, Fault);
        proxies.Read();
        return new NamespacesReader(Fault, proxies).Read(configuration);
    }

    private void Fault(string name, string fault, string example) => _faults.Add($"{name}: {fault}, {example}");
}
