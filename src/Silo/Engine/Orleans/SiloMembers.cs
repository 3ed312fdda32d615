using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Grid.Silo.Engine;

/// <summary>The cluster as Orleans' membership tells it.</summary>
internal sealed class SiloMembers(IClusterMembershipService membership, ISiloMetadataCache labels, ILocalSiloDetails silo) : ISiloMembers
{
    public string Name => silo.Name;

    public IReadOnlyList<SiloMember> Members =>
    [
        .. membership.CurrentSnapshot.Members.Values
            .Select(member => new SiloMember(member.Name, member.SiloAddress.ToString(), member.Status.ToString(), labels.GetSiloMetadata(member.SiloAddress).Metadata))
            .OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Address, StringComparer.Ordinal),
    ];
}
