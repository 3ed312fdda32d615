using Orleans;

namespace Grid.Interfaces.Catalogue;

/// <summary>
/// One community, keyed by its id (UUID, lower case): the only writer of its row and its memberships. Its supervisor is always a member with
/// every right. All methods throw <see cref="NotFoundException"/> when there is no such community.
/// </summary>
[Alias("grid.community")]
public interface ICommunityGrain : IGrainWithStringKey
{
    [Alias("Patch")]
    Task PatchAsync(CommunityPatch patch);

    /// <summary>Makes an account a member, or changes its rights. Throws <see cref="NotFoundException"/> for an unknown account.</summary>
    [Alias("PutMember")]
    Task PutMemberAsync(Guid account, IReadOnlyList<string> rights);

    /// <summary>Removes a member; throws <see cref="ConflictException"/> for the supervisor.</summary>
    [Alias("RemoveMember")]
    Task RemoveMemberAsync(Guid account);
}

/// <summary>Changes of a community; null leaves a member as it is.</summary>
/// <param name="Supervisor">An account that is a member.</param>
[GenerateSerializer, Alias("grid.community-patch"), Immutable]
public sealed record CommunityPatch(
    [property: Id(0)] string? Name,
    [property: Id(1)] string? Description,
    [property: Id(2)] string? Contact,
    [property: Id(3)] bool? Public,
    [property: Id(4)] Guid? Supervisor);
