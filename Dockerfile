# One image for all apps. Layers are ordered by how often they change: manifests, packages, sources. The last stage
# contains only production packages and the build.

FROM node:22-bookworm-slim AS base
WORKDIR /app

# The pnpm version pinned in package.json, and all files that determine the install.
FROM base AS manifests
ENV CI=true DO_NOT_TRACK=1 TURBO_TELEMETRY_DISABLED=1 PRISMA_SKIP_POSTINSTALL_GENERATE=1
COPY package.json .npmrc pnpm-lock.yaml pnpm-workspace.yaml ./
RUN npm install --global "$(node -p "require('./package.json').packageManager")"
COPY apps/cli/package.json apps/cli/
COPY apps/fetch-worker/package.json apps/fetch-worker/
COPY apps/media-worker/package.json apps/media-worker/
COPY apps/scheduler/package.json apps/scheduler/
COPY packages/integrity/package.json packages/integrity/
COPY packages/shared/package.json packages/shared/
COPY packages/telegram-emulator/package.json packages/telegram-emulator/
COPY packages/testing/package.json packages/testing/
COPY packages/web/package.json packages/web/

FROM manifests AS build
# For the native decryption, without which the image works, too, with more CPU.
RUN { apt-get update -qq && apt-get install -qq --yes --no-install-recommends gcc libc6-dev; } > /dev/null || echo 'no C compiler'
RUN --mount=type=cache,id=pnpm,target=/pnpm pnpm install --frozen-lockfile --store-dir /pnpm
COPY tsconfig.base.json turbo.json ./
COPY scripts scripts
COPY prisma prisma
COPY packages packages
COPY apps apps
RUN pnpm exec turbo run build --filter='./apps/*' --output-logs=errors-only \
 && node scripts/native.mjs \
 && mkdir /built \
 && cp --parents --recursive packages/shared/native/build apps/*/dist packages/integrity/dist packages/shared/dist packages/telegram-emulator/dist packages/web/dist /built \
 && find /built \( -name '*.d.ts' -o -name '*.d.ts.map' -o -name '*.test.js*' -o -name '.tsbuildinfo' \) -delete

# Without optional packages (nobody needs the embedded Postgres beside a real one) and without other databases' engines.
FROM manifests AS production
RUN --mount=type=cache,id=pnpm,target=/pnpm \
    pnpm install --prod --no-optional --frozen-lockfile --store-dir /pnpm --filter-prod '{apps/*}...' \
 && find node_modules/.pnpm/@prisma+client@*/node_modules/@prisma/client/runtime -name 'query_*.*sql*' ! -name '*postgresql*' -delete

FROM base
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps \
    TGSYNC_APPDATA=/appdata TGSYNC_MEDIA=/media TGSYNC_TEMP=/temp
COPY --from=production /app ./
COPY docker docker
COPY appdata/config.example.json appdata/config.schema.json appdata/
COPY prisma/migrations prisma/migrations
COPY --from=build /built ./
ENTRYPOINT ["/app/docker/entrypoint.sh"]
CMD ["node", "apps/cli/dist/main.js"]
