using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Permissions;

/// <summary>What every rule has.</summary>
internal static class AccessRules
{
    private static readonly string[] Words =
    [
        "public", "system", "owner", "unlocked", "granted", "party", "agent", "user_list", "clients", "subscribers", "insecure", "token", "back_end",
        "locked", "not_owner", "not_party", "not_agent", "system_only", "not_listed", "token_needed", "token_invalid", "not_for_clients", "not_subscribed", "anonymous",
        "switched_off", "reserved", "no_owner", "unusable_name", "unknown_namespace", "bad_name",
    ];

    public static bool IsAllowed(this AccessRule rule) => rule <= AccessRule.BackEnd;

    /// <summary>Whether the rule was decided by what the store said, and not by the channel's name alone.</summary>
    public static bool ComesFromStore(this AccessRule rule) => rule is AccessRule.Unlocked or AccessRule.Granted or AccessRule.Locked;

    /// <summary>Counts a refusal.</summary>
    /// <param name="refusal">Null: nothing was refused.</param>
    public static void Denied(this BrokerMetrics metrics, AccessRule? refusal, AccessAction action)
    {
        if (refusal is { } rule)
        {
            metrics.Denied(rule.Word(), action.Word());
        }
    }

    /// <summary>The rule as refusals, <c>/api/explain</c> and metrics name it; documented, so it never changes.</summary>
    public static string Word(this AccessRule rule) => Words[(int)rule];
}
